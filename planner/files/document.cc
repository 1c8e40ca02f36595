#include "planner/files/document.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "planner/files/utf8.h"

namespace galvatron {

std::string shortened(const std::string& text) {
  constexpr std::size_t kLongestQuote = 40;
  if (text.size() <= kLongestQuote) return text;
  std::size_t length = kLongestQuote;
  while (length > 0 && is_utf8_continuation(text[length])) --length;
  return text.substr(0, length) + "...";
}

Document read_document(const std::string& path, std::int64_t limit) {
  Source source = read_source(path, limit);
  return path.ends_with(".json") ? parse_json(std::move(source)) : parse_yaml(std::move(source));
}

const Node* find(const Node& map, std::string_view key) {
  const auto entry = std::find_if(map.entries.begin(), map.entries.end(),
                                  [key](const MapEntry& each) { return each.key == key; });
  return entry == map.entries.end() ? nullptr : &entry->value;
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null:
      return "nothing";
    case Node::Kind::plain:
      return shortened(node.text);
    case Node::Kind::quoted:
      return fmt::format("\"{}\"", shortened(node.text));
    case Node::Kind::sequence:
      return "a list";
    case Node::Kind::map:
      return "a map";
  }
  return {};
}

}  // namespace galvatron
