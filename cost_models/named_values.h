// A table of {value, text}: the one place that says how an enumeration is spelled.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

namespace galvatron {

template <typename T, std::size_t N>
using NamedValues = std::array<std::pair<T, std::string_view>, N>;

inline constexpr NamedValues<bool, 2> kBoolNames{{{false, "false"}, {true, "true"}}};

// Requires that the table names the value.
template <typename T, std::size_t N>
constexpr std::string_view name_of(const NamedValues<T, N>& table, T value) {
  for (const auto& [candidate, text] : table) {
    if (candidate == value) return text;
  }
  return {};
}

template <typename T, std::size_t N>
constexpr std::optional<T> value_of(const NamedValues<T, N>& table, std::string_view text) {
  for (const auto& [value, name] : table) {
    if (name == text) return value;
  }
  return std::nullopt;
}

}  // namespace galvatron
