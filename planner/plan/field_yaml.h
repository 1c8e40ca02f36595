// YAML from and to any struct that has a for_each_field: keys as its fields are named, rates in
// GB/s and TFLOP/s, times in microseconds, sizes in the unit that ends their key (_gib, _mib). A
// key that is absent leaves its field alone; an optional field that is empty is not written.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cost_models/fields.h"
#include "cost_models/named_values.h"
#include "cost_models/units.h"
#include "planner/files/quantity.h"
#include "planner/files/reader.h"
#include "planner/files/writer.h"

namespace galvatron {

// Found by argument-dependent lookup for each enumeration that stands in such a struct.
template <typename T>
concept Named = requires(T value) {
  names_of(value);
};

// A number in a file is the value divided by this, or times it where that is exact (microseconds).
struct FileUnit {
  double factor = 1;
  double divisor = 1;
};

template <typename T>
FileUnit file_unit(std::string_view key) {
  if constexpr (std::is_same_v<T, BytesPerSecond>) return {.factor = 1e9};
  if constexpr (std::is_same_v<T, FlopsPerSecond>) return {.factor = 1e12};
  if constexpr (std::is_same_v<T, Seconds>) return {.divisor = 1e6};
  if constexpr (std::is_same_v<T, Bytes>) {
    const Bytes unit = key.ends_with("_gib") ? kGiB : key.ends_with("_mib") ? kMiB : Bytes{1};
    return {.factor = static_cast<double>(unit.value)};
  }
  return {};
}

// Efficiencies and ceilings are shares, slowdowns at least 1; rates are positive, sizes at most a
// PiB, counts at least 1, everything else is not negative.
template <typename T>
Range range_of(std::string_view key) {
  if (key.ends_with("efficiency") || key.ends_with("ceiling") || key.starts_with("misaligned") ||
      key == "flash2_share") {
    return between(0.001, 1);
  }
  if (key.ends_with("slowdown")) return at_least(1);
  if constexpr (std::is_same_v<T, BytesPerSecond> || std::is_same_v<T, FlopsPerSecond>) {
    return greater_than(0);
  }
  if constexpr (std::is_same_v<T, Bytes>) {
    constexpr double kMost = static_cast<double>(std::int64_t{1} << 50);
    return between(0, kMost / file_unit<T>(key).factor);
  }
  return at_least(std::is_same_v<T, int> ? 1 : 0);
}

// The shortest number that reads back as the same value.
double number_in_file(double value, const FileUnit& unit);

template <typename T>
concept Quantitative = std::is_same_v<T, Bytes> || std::is_same_v<T, Seconds> ||
    std::is_same_v<T, BytesPerSecond> || std::is_same_v<T, FlopsPerSecond>;

template <Quantitative T>
T quantity_from(double number, std::string_view key) {
  const FileUnit unit = file_unit<T>(key);
  const double value = number * unit.factor / unit.divisor;
  if constexpr (std::is_same_v<T, Bytes>) {
    return Bytes{std::llround(value)};
  } else {
    return T{value};
  }
}

template <typename Object>
void read_fields(MapReader& reader, Object& object);
template <typename Object>
void write_fields(YamlWriter& out, const Object& object);

template <typename T>
void read_field(MapReader& reader, std::string_view key, T& field) {
  if constexpr (Quantitative<T>) {
    const auto number = reader.optional<double>(key, range_of<T>(key));
    if (number) field = quantity_from<T>(*number, key);
  } else if constexpr (Named<T>) {
    field = reader.optional(key, names_of(field)).value_or(field);
  } else if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
    field = reader.optional<T>(key, range_of<T>(key)).value_or(field);
  } else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string>) {
    field = reader.optional<T>(key).value_or(field);
  } else if (auto inner = reader.optional_map(key)) {
    read_fields(*inner, field);
    inner->finish();
  }
}

template <typename T>
void read_field(MapReader& reader, std::string_view key, std::optional<T>& field) {
  if (reader.value(key) == nullptr) return;
  T value = field.value_or(T{});
  read_field(reader, key, value);
  field = value;
}

void read_field(MapReader& reader, std::string_view key, std::map<int, BytesPerSecond>& by_ranks);
void read_field(MapReader& reader, std::string_view key, std::map<int, double>& by_degree);

template <Named T>
void read_field(MapReader& reader, std::string_view key, std::vector<T>& field) {
  const auto words = reader.optional_list<std::string>(key);
  if (!words) return;
  field.clear();
  for (const std::string& word : *words) {
    const std::optional<T> value = value_of(names_of(T{}), word);
    if (!value) reader.refuse(key, "holds an unknown value: " + word);
    field.push_back(value.value_or(T{}));
  }
}

// A list of numbers, all in the unit of the key.
template <typename T>
concept Number = Quantitative<T> ||(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>);

template <Number T>
void read_field(MapReader& reader, std::string_view key, std::vector<T>& field) {
  if constexpr (Quantitative<T>) {
    const auto numbers = reader.optional_list<double>(key, range_of<T>(key));
    if (!numbers) return;
    field.clear();
    for (const double number : *numbers) field.push_back(quantity_from<T>(number, key));
  } else {
    field = reader.optional_list<T>(key, range_of<T>(key)).value_or(field);
  }
}

// A list of maps.
template <typename T>
requires(!Named<T> && !Number<T>) void read_field(MapReader& reader, std::string_view key,
                                                  std::vector<T>& field) {
  if (reader.value(key) == nullptr) return;
  field.clear();
  for (MapReader& item : reader.optional_maps(key)) {
    read_fields(item, field.emplace_back());
    item.finish();
  }
}

template <typename Object>
void read_fields(MapReader& reader, Object& object) {
  for_each_field(object,
                 [&](std::string_view key, auto& field) { read_field(reader, key, field); });
}

template <typename T>
void write_value(YamlWriter& out, std::string_view key, const T& field) {
  if constexpr (Quantitative<T>) {
    // Files hold positive rates; one that is not known is left out.
    constexpr bool is_rate = std::is_same_v<T, BytesPerSecond> || std::is_same_v<T, FlopsPerSecond>;
    if (is_rate && field.value == 0) return;
    out.field(key, number_in_file(static_cast<double>(field.value), file_unit<T>(key)));
  } else if constexpr (Named<T>) {
    out.field(key, name_of(names_of(field), field));
  } else if constexpr (std::is_arithmetic_v<T>) {
    out.field(key, field);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!field.empty()) out.field(key, field);
  } else {
    out.map(key, [&] { write_fields(out, field); });
  }
}

template <typename T>
void write_value(YamlWriter& out, std::string_view key, const std::optional<T>& field) {
  if (field) write_value(out, key, *field);
}

void write_value(YamlWriter& out, std::string_view key,
                 const std::map<int, BytesPerSecond>& by_ranks);
void write_value(YamlWriter& out, std::string_view key, const std::map<int, double>& by_degree);

template <Named T>
void write_value(YamlWriter& out, std::string_view key, const std::vector<T>& field) {
  std::vector<std::string> words;
  for (const T value : field) words.emplace_back(name_of(names_of(value), value));
  out.flow(key, words);
}

template <Number T>
void write_value(YamlWriter& out, std::string_view key, const std::vector<T>& field) {
  if constexpr (Quantitative<T>) {
    std::vector<double> numbers;
    for (const T value : field) {
      numbers.push_back(number_in_file(static_cast<double>(value.value), file_unit<T>(key)));
    }
    out.flow(key, numbers);
  } else {
    out.flow(key, field);
  }
}

template <typename T>
requires(!Named<T> && !Number<T>) void write_value(YamlWriter& out, std::string_view key,
                                                   const std::vector<T>& field) {
  out.list(key, [&] {
    for (const T& item : field) {
      out.item([&] { write_fields(out, item); });
    }
  });
}

template <typename Object>
void write_fields(YamlWriter& out, const Object& object) {
  for_each_field(object,
                 [&](std::string_view key, const auto& field) { write_value(out, key, field); });
}

}  // namespace galvatron
