#include "planner/plan/field_yaml.h"

#include <cstdio>
#include <cstdlib>

namespace galvatron {
namespace {

struct TableKeys {
  std::int64_t least;
  const char* expected;
};

template <typename T>
void read_table(MapReader& reader, std::string_view key, std::map<int, T>& table,
                const TableKeys& keys) {
  const Node* node = reader.value(key);
  std::optional<MapReader> inner = reader.optional_map(key);
  if (!inner || node->kind != Node::Kind::map) return;
  for (const MapEntry& entry : node->entries) {
    const std::optional<std::int64_t> number = parse_integer(entry.key);
    if (!number || *number < keys.least || *number > (1 << 24)) {
      reader.refuse(key, std::string("must map ") + keys.expected + ", got the key " + entry.key);
      continue;
    }
    read_field(*inner, entry.key, table[static_cast<int>(*number)]);
  }
}

template <typename T>
void write_table(YamlWriter& out, std::string_view key, const std::map<int, T>& table) {
  if (table.empty()) return;
  out.map(key, [&] {
    for (const auto& [number, value] : table) write_value(out, std::to_string(number), value);
  });
}

}  // namespace

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
  read_table(reader, key, by_ranks, {2, "counts of ranks (2 or more) to rates"});
}

void read_field(MapReader& reader, std::string_view key, std::map<int, double>& by_degree) {
  read_table(reader, key, by_degree, {1, "degrees (1 or more) to numbers"});
}

void write_value(YamlWriter& out, std::string_view key,
                 const std::map<int, BytesPerSecond>& by_ranks) {
  write_table(out, key, by_ranks);
}

void write_value(YamlWriter& out, std::string_view key, const std::map<int, double>& by_degree) {
  write_table(out, key, by_degree);
}

}  // namespace galvatron
