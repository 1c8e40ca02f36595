#include "executor/cli/number_checks.h"

#include <fmt/format.h>

#include <functional>
#include <string>

namespace galvatron {
namespace {

CLI::Validator checked(std::function<bool(double)> is_good, const std::string& expected) {
  const auto check = [is_good = std::move(is_good), expected](const std::string& text) {
    double value = 0;
    const bool good = CLI::detail::lexical_cast(text, value) && is_good(value);
    return good ? std::string() : fmt::format("must be {}, got {}", expected, text);
  };
  return {check, "NUMBER"};
}

}  // namespace

CLI::Validator above_zero() {
  return checked([](double value) { return value > 0; }, "a number above 0");
}

CLI::Validator not_negative() {
  return checked([](double value) { return value >= 0; }, "a number of at least 0");
}

}  // namespace galvatron
