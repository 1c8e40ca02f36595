#include "planner/cli/ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "planner/cli/failure.h"
#include "planner/files/quantity.h"

namespace galvatron {
namespace {

constexpr std::int64_t kMostSteps = 4096;
constexpr std::int64_t kMostNumber = std::int64_t{1} << 40;

// What an option may be, for its error text.
struct Expected {
  const std::string& name;
  const std::string& text;
  const char* form;
};

UsageError refusal(const Expected& expected) {
  return UsageError(
      fmt::format("{} must be {}, got {}", expected.name, expected.form, expected.text));
}

std::vector<std::int64_t> positive_numbers(const std::vector<std::string>& parts,
                                           const Expected& expected) {
  std::vector<std::int64_t> numbers;
  for (const std::string& part : parts) {
    const std::optional<std::int64_t> number = parse_integer(part);
    if (!number || *number < 1 || *number > kMostNumber) throw refusal(expected);
    numbers.push_back(*number);
  }
  return numbers;
}

// Every step from the first of `ends` to the second, the third apart.
std::vector<std::int64_t> steps(const std::vector<std::int64_t>& ends, const Expected& expected) {
  if (ends.size() != 3) throw refusal(expected);
  const std::int64_t low = ends[0], high = ends[1], step = ends[2];
  if (high < low || step < 1 || (high - low) / step >= kMostSteps) {
    throw UsageError(fmt::format("{} must rise from LO to HI in at most {} steps, got {}",
                                 expected.name, kMostSteps, expected.text));
  }
  std::vector<std::int64_t> values;
  for (std::int64_t value = low; value <= high; value += step) values.push_back(value);
  return values;
}

std::vector<std::int64_t> range(const Expected& expected) {
  const std::vector<std::string> parts = split_at(expected.text, ':');
  const std::vector<std::int64_t> numbers = positive_numbers(parts, expected);
  return parts.size() == 1 ? numbers : steps(numbers, expected);
}

template <typename T>
std::vector<T> rising_once(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

// "GiB" of "16:80:8GiB".
std::string last_unit(const std::string& text) {
  return text.substr(text.find_last_of("0123456789.") + 1);
}

std::vector<std::int64_t> byte_counts(const std::vector<std::string>& parts,
                                      const Expected& expected) {
  const std::string unit = last_unit(expected.text);
  std::vector<std::int64_t> counts;
  for (const std::string& part : parts) {
    const std::optional<Bytes> size = parse_bytes(last_unit(part).empty() ? part + unit : part);
    if (!size) throw refusal(expected);
    counts.push_back(size->value);
  }
  return counts;
}

}  // namespace

std::vector<std::int64_t> parse_range(const std::string& name, const std::string& text) {
  return range({name, text, "B or LO:HI:STEP"});
}

std::vector<std::int64_t> parse_numbers(const std::string& name, const std::string& text) {
  const Expected expected{name, text, "N, N,N,... or LO:HI:STEP"};
  if (text.find(',') == std::string::npos) return range(expected);
  return rising_once(positive_numbers(split_at(text, ','), expected));
}

std::vector<Bytes> parse_sizes(const std::string& name, const std::string& text) {
  const Expected expected{name, text, "a size like 16GiB, a list of them or LO:HI:STEP"};
  const bool is_range = text.find(':') != std::string::npos;
  std::vector<std::int64_t> counts = byte_counts(split_at(text, is_range ? ':' : ','), expected);
  if (is_range) counts = steps(counts, expected);
  std::vector<Bytes> sizes;
  for (const std::int64_t count : rising_once(std::move(counts))) sizes.push_back(Bytes{count});
  return sizes;
}

std::vector<std::string> split_at(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (true) {
    const std::size_t end = text.find(separator, begin);
    parts.push_back(text.substr(begin, end - begin));
    if (end == std::string::npos) return parts;
    begin = end + 1;
  }
}

}  // namespace galvatron
