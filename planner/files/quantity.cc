#include "planner/files/quantity.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace galvatron {
namespace {

using Unit = std::pair<std::string_view, double>;

// Bytes of a unit are exact in double: powers of two, or below 2^53.
constexpr std::array<Unit, 10> kByteUnits{{{"B", 1},
                                           {"kB", 1e3},
                                           {"KB", 1e3},
                                           {"MB", 1e6},
                                           {"GB", 1e9},
                                           {"TB", 1e12},
                                           {"KiB", 1024.0},
                                           {"MiB", 1048576.0},
                                           {"GiB", 1073741824.0},
                                           {"TiB", 1099511627776.0}}};
constexpr std::array<Unit, 5> kTimeUnits{
    {{"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"min", 60}, {"h", 3600}}};

// `number` `unit` with at most one space between; none if the number is not one.
template <std::size_t N>
std::optional<double> parse_scaled(std::string_view text, const std::array<Unit, N>& units) {
  const std::size_t number_end = text.find_last_of("0123456789.") + 1;
  const std::optional<double> number = parse_number(text.substr(0, number_end));
  std::string_view suffix = text.substr(number_end);
  if (suffix.size() > 1 && suffix.front() == ' ') suffix.remove_prefix(1);
  if (!number || *number < 0) return std::nullopt;
  if (suffix.empty()) return number;
  for (const auto& [name, scale] : units) {
    if (suffix == name) return *number * scale;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_number(std::string_view text) {
  // from_chars also reads "inf" and "nan".
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) {
    return std::nullopt;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Bytes> parse_bytes(std::string_view text) {
  if (const auto exact = parse_integer(text); exact && *exact >= 0) return Bytes{*exact};
  const std::optional<double> bytes = parse_scaled(text, kByteUnits);
  if (!bytes || *bytes >= 0x1p63) return std::nullopt;
  return Bytes{std::llround(*bytes)};
}

std::optional<Seconds> parse_seconds(std::string_view text) {
  const std::optional<double> seconds = parse_scaled(text, kTimeUnits);
  if (!seconds || !std::isfinite(*seconds)) return std::nullopt;
  return Seconds{*seconds};
}

std::string number_text(double value) { return fmt::format("{}", value); }

}  // namespace galvatron
