#include "planner/cli/validators.h"

#include <optional>
#include <string>
#include <system_error>

#include "planner/files/atomic_write.h"
#include "planner/files/quantity.h"

namespace galvatron {
namespace {

// An empty name keeps the help as it is.
template <typename Problem>
CLI::Validator validator(Problem problem) {
  return {[problem](std::string& text) { return problem(text); }, std::string()};
}

}  // namespace

CLI::Validator positive_number() {
  return validator([](const std::string& text) -> std::string {
    const std::optional<double> number = parse_number(text);
    if (number && *number > 0) return "";
    return "must be a number greater than 0, got " + text;
  });
}

CLI::Validator share_of_one() {
  return validator([](const std::string& text) -> std::string {
    const std::optional<double> number = parse_number(text);
    if (number && *number >= 0 && *number <= 1) return "";
    return "must be a number from 0 to 1, got " + text;
  });
}

CLI::Validator writable_file() {
  return validator([](const std::string& path) -> std::string {
    try {
      require_writable(path);
      return "";
    } catch (const std::system_error& error) {
      return error.what();
    }
  });
}

void require_values(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& value : option->results()) {
      if (value.empty()) throw CLI::ValidationError(option->get_name(), "must not be empty");
    }
  }
}

}  // namespace galvatron
