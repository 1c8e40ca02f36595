// Errors as the user sees them: text on standard error, or one JSON object on standard output.
#pragma once

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "planner/cli/exit_code.h"
#include "planner/files/spec_error.h"

namespace galvatron {

enum class OutputForm { text, json };

// The command line is wrong: an argument that contradicts another one or the files it names.
struct UsageError : std::runtime_error {
  explicit UsageError(const std::string& message, std::string hint_text = "")
      : std::runtime_error(message), hint(std::move(hint_text)) {}

  std::string hint;
};

// Reports the error that is being handled and returns the code to end with. Call in a catch block.
ExitCode report_current_error(OutputForm form);

// Reports one error of the given code.
struct ErrorReport {
  std::string code;  // stable word
  std::string message;
  std::string hint;
  nlohmann::ordered_json details = nlohmann::ordered_json::object();  // further keys of the object
};
void report(const ErrorReport& error, OutputForm form);

}  // namespace galvatron
