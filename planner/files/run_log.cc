#include "planner/files/run_log.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "planner/files/spec_error.h"

namespace galvatron {
namespace {

using Json = nlohmann::json;

// Of the whole file where `line` is 0.
struct Place {
  int line = 0;
  std::string text;
};

[[noreturn]] void refuse(const std::string& path, const Place& place, const std::string& message) {
  constexpr std::size_t kShown = 72;  // characters of the line
  throw SpecError(Diagnostic{.code = "bad_log",
                             .message = message,
                             .file = path,
                             .line = place.line,
                             .column = place.line > 0 ? 1 : 0,
                             .source_line = place.text.substr(0, kShown),
                             .caret = place.line > 0 ? 1 : 0});
}

}  // namespace

RunLog read_run_log(const std::string& path) {
  std::ifstream file(path);
  if (!file) refuse(path, {}, "cannot be read");
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
      refuse(path, {line, text},
             "must be an object with step_seconds and stage_peak_memory_bytes, as "
             "galvatron-exec train --log writes them");
    }
  }
  if (log.steps.empty()) refuse(path, {}, "holds no step");
  return log;
}

}  // namespace galvatron
