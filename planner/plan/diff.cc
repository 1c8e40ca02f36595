#include "planner/plan/diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "planner/files/document.h"
#include "planner/files/quantity.h"
#include "planner/plan/plan_yaml.h"
#include "planner/plan/structure.h"

namespace galvatron {
namespace {

using Changes = std::vector<FieldChange>;

std::string text_of(int value) { return std::to_string(value); }
std::string text_of(std::int64_t value) { return std::to_string(value); }
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(std::string_view value) { return std::string(value); }
std::string text_of(const std::optional<double>& value) {
  return value ? number_text(*value) : "none";
}

template <typename T>
void compare(Changes& changes, FieldChange where, const T& before, const T& after) {
  if (before == after) return;
  where.before = text_of(before);
  where.after = text_of(after);
  changes.push_back(std::move(where));
}

void compare_quantities(Changes& changes, const std::string& subject, const std::string& field,
                        const std::pair<Seconds, Seconds>& times) {
  const auto [before, after] = times;
  if (before == after) return;
  const auto text = [](Seconds time) { return fmt::format("{:.6g} s", time.value); };
  const bool relative = before.value > 0;
  changes.push_back({.subject = subject,
                     .field = field,
                     .before = text(before),
                     .after = text(after),
                     .change = relative ? fmt::format("{:+.3g} %", (after / before - 1) * 100) : ""});
}

}  // namespace
}  // namespace galvatron
