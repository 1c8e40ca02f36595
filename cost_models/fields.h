// Structs that are read, written and diffed name their fields once, in a for_each_field beside
// them: visit(key, member), keys as they stand in YAML, the unit in the key. It takes a const or a
// mutable struct; a structured binding there stops compiling when a field is added.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <type_traits>

#include "cost_models/precision.h"

namespace galvatron {

// `Object` is `T` or `const T`.
template <typename Object, typename T>
concept MaybeConst = std::same_as<std::remove_const_t<Object>, T>;

// One optional value per number format; what is unknown is absent.
template <typename T>
struct ByPrecision {
  std::array<std::optional<T>, kPrecisionNames.size()> values{};

  std::optional<T>& operator[](Precision precision) {
    return values[static_cast<std::size_t>(precision)];
  }
  const std::optional<T>& operator[](Precision precision) const {
    return values[static_cast<std::size_t>(precision)];
  }
  bool operator==(const ByPrecision&) const = default;
};

template <typename T, typename Visit>
void for_each_field(ByPrecision<T>& table, Visit visit) {
  for (const auto& [precision, name] : kPrecisionNames) visit(name, table[precision]);
}

template <typename T, typename Visit>
void for_each_field(const ByPrecision<T>& table, Visit visit) {
  for (const auto& [precision, name] : kPrecisionNames) visit(name, table[precision]);
}

}  // namespace galvatron
