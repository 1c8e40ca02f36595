#include "planner/files/run_log.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "planner/files/spec_error.h"

namespace galvatron {
namespace {

using Json = nlohmann::json;

constexpr const char* kPartsKey = "stage_peak_by_category_bytes";

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

// Throws Json::exception for anything else than such a line.
void read_step(const Json& step, RunLog& log) {
  log.steps.push_back(Seconds{step.at("step_seconds").get<double>()});
  log.stage_peaks.clear();
  for (const Json& peak : step.at("stage_peak_memory_bytes")) {
    log.stage_peaks.push_back(Bytes{peak.get<std::int64_t>()});
  }
  log.stage_parts.clear();
  if (!step.contains(kPartsKey)) return;
  for (std::size_t stage = 0; stage < log.stage_peaks.size(); ++stage) {
    const Json& categories = step.at(kPartsKey).at(stage);
    for_each_part(log.stage_parts.emplace_back(), [&](const char* name, Bytes& part) {
      part = Bytes{categories.at(name).get<std::int64_t>()};
    });
  }
}

}  // namespace

RunLog read_run_log(const std::string& path) {
  std::ifstream file(path);
  if (!file) refuse(path, {}, "cannot be read");
  RunLog log;
  std::string text;
  for (int line = 1; std::getline(file, text); ++line) {
    try {
      read_step(Json::parse(text), log);
    } catch (const Json::exception&) {
      refuse(path, {line, text},
             "must be an object with step_seconds, stage_peak_memory_bytes and, where the log has "
             "it, stage_peak_by_category_bytes, as galvatron-exec train --log writes them");
    }
  }
  if (log.steps.empty()) refuse(path, {}, "holds no step");
  return log;
}

}  // namespace galvatron
