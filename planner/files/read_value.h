// One scalar of a document as a typed value.
#pragma once

#include <limits>
#include <optional>
#include <string>

#include "planner/files/document.h"
#include "planner/files/error_list.h"

namespace galvatron {

// Which numbers are allowed; of a quantity, in bytes or seconds.
struct Range {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  double above = -std::numeric_limits<double>::infinity();  // excluded itself

  bool operator==(const Range&) const = default;
};

constexpr Range at_least(double least) { return {.least = least}; }
constexpr Range between(double least, double most) { return {.least = least, .most = most}; }
constexpr Range greater_than(double above) { return {.above = above}; }

// " of at least 1", " between 0 and 1", " greater than 0", or empty.
std::string range_text(const Range& range);

// The value, or none after an error like `heads must be an integer of at least 1, got 0`.
// `name` says which value that is. T: int, int64_t, double, bool, std::string, Bytes, Seconds.
// An integer is never read from a fraction, a number never from a quoted string.
template <typename T>
std::optional<T> read_value(const Node& node, const std::string& name, const Range& range,
                            ErrorList& errors);

// Adds `NAME must be EXPECTED, got NODE` at the node.
void expected(const Node& node, const std::string& name, const std::string& what,
              ErrorList& errors);

}  // namespace galvatron
