#include "planner/cli/changes_text.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "planner/cli/table.h"
#include "planner/files/document.h"
#include "planner/files/utf8.h"

namespace galvatron {
namespace {

constexpr std::size_t kWidestCell = 48;

// Of long texts what they do not begin with alike, and of that the beginning.
std::pair<std::string, std::string> told_apart(const std::string& before,
                                               const std::string& after) {
  if (std::max(before.size(), after.size()) <= kWidestCell) return {before, after};
  const auto differs =
      std::mismatch(before.begin(), before.end(), after.begin(), after.end()).first;
  auto alike = static_cast<std::size_t>(differs - before.begin());
  while (alike > 0 && alike < before.size() && is_utf8_continuation(before[alike])) --alike;
  if (alike < kWidestCell / 2) return {shortened(before), shortened(after)};
  return {"..." + shortened(before.substr(alike)), "..." + shortened(after.substr(alike))};
}

}  // namespace

std::string changes_text(const std::vector<FieldChange>& changes) {
  std::vector<Row> rows;
  for (const FieldChange& change : changes) {
    const auto [before, after] = told_apart(change.before, change.after);
    rows.push_back({change.subject, change.field, before, after, change.change});
  }
  return table_text({{"where"}, {"what"}, {"before"}, {"after"}, {"change", Align::right}}, rows);
}

Json changes_json(const std::vector<FieldChange>& changes) {
  Json list = Json::array();
  for (const FieldChange& change : changes) {
    list.push_back({{"subject", change.subject},
                    {"field", change.field},
                    {"before", change.before},
                    {"after", change.after},
                    {"change", change.change}});
  }
  return list;
}

}  // namespace galvatron
