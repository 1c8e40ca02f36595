#include "planner/files/run_log.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "planner/files/spec_error.h"

namespace galvatron {
namespace {

using Json = nlohmann::json;

[[noreturn]] void refuse(const std::string& path, int line, const std::string& message) {
  throw SpecError(Diagnostic{.code = "bad_log", .message = message, .file = path, .line = line});
}

}  // namespace

RunLog read_run_log(const std::string& path) {
  std::ifstream file(path);
  if (!file) refuse(path, 0, "cannot be read");
  RunLog log;
  std::string text;
  for (int line = 1; std::getline(file, text); ++line) {
    try {
      const Json step = Json::parse(text);
      log.steps.push_back(Seconds{step.at("step_seconds").get<double>()});
      log.stage_peaks.clear();
      for (const Json& peak : step.at("stage_peak_memory_bytes")) {
        log.stage_peaks.push_back(Bytes{peak.get<std::int64_t>()});
      }
    } catch (const Json::exception&) {
      refuse(path, line,
             "must be an object with step_seconds and stage_peak_memory_bytes, as "
             "galvatron-exec train --log writes them");
    }
  }
  if (log.steps.empty()) refuse(path, 0, "holds no step");
  return log;
}

}  // namespace galvatron
