#include "planner/files/read_value.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "cost_models/units.h"
#include "planner/files/quantity.h"

namespace galvatron {
namespace {

bool contains(const Range& range, double value) {
  return value >= range.least && value <= range.most && value > range.above;
}

// How one type is spelled in a document.
template <typename T>
struct Spelling;

template <>
struct Spelling<std::int64_t> {
  static constexpr const char* kNoun = "an integer";
  static std::optional<std::int64_t> parse(const Node& node) {
    return node.kind == Node::Kind::plain ? parse_integer(node.text) : std::nullopt;
  }
  static double magnitude(std::int64_t value) { return static_cast<double>(value); }
};

template <>
struct Spelling<int> {
  static constexpr const char* kNoun = "an integer";
  static std::optional<int> parse(const Node& node) {
    const std::optional<std::int64_t> value = Spelling<std::int64_t>::parse(node);
    return value && std::in_range<int>(*value) ? std::optional<int>(static_cast<int>(*value))
                                               : std::nullopt;
  }
  static double magnitude(int value) { return value; }
};

template <>
struct Spelling<double> {
  static constexpr const char* kNoun = "a number";
  static std::optional<double> parse(const Node& node) {
    return node.kind == Node::Kind::plain ? parse_number(node.text) : std::nullopt;
  }
  static double magnitude(double value) { return value; }
};

template <>
struct Spelling<bool> {
  static constexpr const char* kNoun = "true or false";
  static std::optional<bool> parse(const Node& node) {
    if (node.kind != Node::Kind::plain) return std::nullopt;
    if (node.text == "true") return true;
    return node.text == "false" ? std::optional<bool>(false) : std::nullopt;
  }
  static double magnitude(bool) { return 0; }
};

template <>
struct Spelling<std::string> {
  static constexpr const char* kNoun = "a text";
  static std::optional<std::string> parse(const Node& node) {
    return node.is_scalar() ? std::optional<std::string>(node.text) : std::nullopt;
  }
  static double magnitude(const std::string&) { return 0; }
};

template <>
struct Spelling<Bytes> {
  static constexpr const char* kNoun = "bytes, like 16GiB or 80GB,";
  static std::optional<Bytes> parse(const Node& node) {
    return node.is_scalar() ? parse_bytes(node.text) : std::nullopt;
  }
  static double magnitude(Bytes value) { return static_cast<double>(value.value); }
};

template <>
struct Spelling<Seconds> {
  static constexpr const char* kNoun = "a time, like 90s or 20us,";
  static std::optional<Seconds> parse(const Node& node) {
    return node.is_scalar() ? parse_seconds(node.text) : std::nullopt;
  }
  static double magnitude(Seconds value) { return value.value; }
};

// A noun like "bytes, like 16GiB," needs its last comma only before more words.
std::string expectation(std::string noun, const Range& range) {
  noun += range_text(range);
  if (noun.ends_with(',')) noun.pop_back();
  return noun;
}

}  // namespace

std::string range_text(const Range& range) {
  const Range all;
  if (range.above != all.above) return fmt::format(" greater than {}", range.above);
  if (range.least != all.least && range.most != all.most) {
    return fmt::format(" between {} and {}", range.least, range.most);
  }
  if (range.least != all.least) return fmt::format(" of at least {}", range.least);
  return range.most != all.most ? fmt::format(" of at most {}", range.most) : "";
}

void expected(const Node& node, const std::string& name, const std::string& what,
              ErrorList& errors) {
  errors.add(node.offset,
             {"invalid_value", fmt::format("{} must be {}, got {}", name, what, describe(node))});
}

template <typename T>
std::optional<T> read_value(const Node& node, const std::string& name, const Range& range,
                            ErrorList& errors) {
  const std::optional<T> value = Spelling<T>::parse(node);
  const bool limited = range != Range{};
  if (value && (!limited || contains(range, Spelling<T>::magnitude(*value)))) return value;
  expected(node, name, expectation(Spelling<T>::kNoun, range), errors);
  return std::nullopt;
}

template std::optional<int> read_value(const Node&, const std::string&, const Range&, ErrorList&);
template std::optional<std::int64_t> read_value(const Node&, const std::string&, const Range&,
                                                ErrorList&);
template std::optional<double> read_value(const Node&, const std::string&, const Range&,
                                          ErrorList&);
template std::optional<bool> read_value(const Node&, const std::string&, const Range&, ErrorList&);
template std::optional<std::string> read_value(const Node&, const std::string&, const Range&,
                                               ErrorList&);
template std::optional<Bytes> read_value(const Node&, const std::string&, const Range&, ErrorList&);
template std::optional<Seconds> read_value(const Node&, const std::string&, const Range&,
                                           ErrorList&);

}  // namespace galvatron
