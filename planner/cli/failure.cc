#include "planner/cli/failure.h"

#include <fmt/core.h>

#include <exception>
#include <system_error>

namespace galvatron {
namespace {

using Json = nlohmann::ordered_json;

Json error_json(const Diagnostic& diagnostic) {
  return {{"code", diagnostic.code}, {"message", diagnostic.message}, {"file", diagnostic.file},
          {"line", diagnostic.line}, {"column", diagnostic.column},   {"hint", diagnostic.hint}};
}

// The first problem is the error; further ones of the same file follow under "also".
void report(const SpecError& error, OutputForm form) {
  if (form == OutputForm::text) {
    for (const Diagnostic& diagnostic : error.diagnostics()) {
      fmt::print(stderr, "{}\n", to_text(diagnostic));
    }
    return;
  }
  Json json = error_json(error.diagnostics().front());
  for (std::size_t i = 1; i < error.diagnostics().size(); ++i) {
    json["also"].push_back(error_json(error.diagnostics()[i]));
  }
  fmt::print("{}\n", Json{{"error", json}}.dump());
}

}  // namespace

void report(const ErrorReport& error, OutputForm form) {
  if (form == OutputForm::json) {
    Json json =
        error_json({.code = error.code, .message = error.message, .file = "", .hint = error.hint});
    json.update(error.details);
    fmt::print("{}\n", Json{{"error", json}}.dump());
    return;
  }
  fmt::print(stderr, "galvatron: {}\n", error.message);
  if (!error.hint.empty()) fmt::print(stderr, "  {}\n", error.hint);
}

ExitCode report_current_error(OutputForm form) {
  try {
    throw;
  } catch (const SpecError& error) {
    report(error, form);
    return ExitCode::bad_input;
  } catch (const UsageError& error) {
    report(ErrorReport{"usage", error.what(), error.hint}, form);
    return ExitCode::usage;
  } catch (const std::system_error& error) {  // a file that cannot be written
    report(ErrorReport{"bad_input", error.what(), ""}, form);
    return ExitCode::bad_input;
  } catch (const std::exception& error) {
    report(ErrorReport{"internal", fmt::format("internal error: {}", error.what()), ""}, form);
    return ExitCode::internal_error;
  }
}

}  // namespace galvatron
