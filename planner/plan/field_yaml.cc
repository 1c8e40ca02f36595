#include "planner/plan/field_yaml.h"

#include <cstdio>
#include <cstdlib>

namespace galvatron {

double number_in_file(double value, const FileUnit& unit) {
  const double quotient = value * unit.divisor / unit.factor;
  for (const int digits : {15, 16, 17}) {
    char text[32];
    std::snprintf(text, sizeof text, "%.*g", digits, quotient);
    const double rounded = std::strtod(text, nullptr);
    if (rounded * unit.factor / unit.divisor == value) return rounded;
  }
  return quotient;
}

void read_field(MapReader& reader, std::string_view key, std::map<int, BytesPerSecond>& by_ranks) {
  const Node* node = reader.value(key);
  std::optional<MapReader> inner = reader.optional_map(key);
  if (!inner || node->kind != Node::Kind::map) return;
  for (const MapEntry& entry : node->entries) {
    const std::optional<std::int64_t> ranks = parse_integer(entry.key);
    if (!ranks || *ranks < 2 || *ranks > (1 << 24)) {
      reader.refuse(key, "must map counts of ranks (2 or more) to rates, got the key " + entry.key);
      continue;
    }
    read_field(*inner, entry.key, by_ranks[static_cast<int>(*ranks)]);
  }
}

void write_value(YamlWriter& out, std::string_view key,
                 const std::map<int, BytesPerSecond>& by_ranks) {
  if (by_ranks.empty()) return;
  out.map(key, [&] {
    for (const auto& [ranks, rate] : by_ranks) write_value(out, std::to_string(ranks), rate);
  });
}

}  // namespace galvatron
