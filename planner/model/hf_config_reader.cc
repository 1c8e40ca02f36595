#include "planner/model/hf_config_reader.h"

#include <fmt/format.h>

#include <utility>

#include "planner/files/quantity.h"

namespace galvatron {
namespace {

Node without_nulls(Node node) {
  std::vector<MapEntry> kept;
  for (MapEntry& entry : node.entries) {
    if (entry.value.kind == Node::Kind::null) continue;
    entry.value = without_nulls(std::move(entry.value));
    kept.push_back(std::move(entry));
  }
  node.entries = std::move(kept);
  return node;
}

// Whether a scalar says `text`: as a number (0 and 0.0 are the same), a truth value or a string.
bool says(const Node& node, std::string_view text) {
  const std::optional<double> number = parse_number(text);
  const bool is_string = !number && text != "true" && text != "false";
  if (node.kind != (is_string ? Node::Kind::quoted : Node::Kind::plain)) return false;
  return number ? parse_number(node.text) == number : node.text == text;
}

}  // namespace

HfConfigReader::HfConfigReader(const Document& document, ErrorList& errors)
    : document_(document),
      root_(without_nulls(document.root)),
      map_(root_, errors),
      warnings_(document.source) {}

std::string_view HfConfigReader::agreed_spelling(HfKeys spellings) {
  std::string_view chosen = *spellings.begin();
  const Node* value = nullptr;
  for (const std::string_view spelling : spellings) {
    const Node* found = map_.value(spelling);
    if (found == nullptr) continue;
    if (value != nullptr && describe(*found) != describe(*value)) {
      map_.refuse(spelling, fmt::format("must equal its alias {} ({}), got {}", chosen,
                                        describe(*value), describe(*found)));
    }
    if (value != nullptr) continue;
    chosen = spelling;
    value = found;
  }
  return chosen;
}

bool HfConfigReader::says_null(std::string_view key) const {
  const Node* value = find(document_.root, key);
  return value != nullptr && value->kind == Node::Kind::null;
}

void HfConfigReader::require_value(const char* key, const char* supported) {
  const Node* found = map_.value(key);
  if (found == nullptr || says(*found, supported)) return;
  map_.refuse(key, fmt::format("must be {}, got {}: nothing else is supported", supported,
                               describe(*found)));
}

void HfConfigReader::refuse_keys(HfKeys keys, const char* why) {
  for (const char* key : keys) {
    if (map_.value(key) != nullptr) map_.refuse(key, fmt::format("is not supported: {}", why));
  }
}

void HfConfigReader::ignore_keys(HfKeys keys) {
  for (const char* key : keys) map_.value(key);
}

void HfConfigReader::warn(std::string_view key, const std::string& message) {
  const Node* found = map_.value(key);
  const std::size_t offset = found == nullptr ? root_.offset : found->offset;
  warnings_.add(offset, {"ignored_key", message});
}

std::vector<Diagnostic> HfConfigReader::finish() {
  for (const UnknownKey& unknown : map_.unknown_keys()) {
    const std::string key = shortened(unknown.entry->key);
    warnings_.add(unknown.entry->offset,
                  {"unknown_key", fmt::format("unknown key `{}` is ignored", key), unknown.hint});
  }
  return warnings_.diagnostics();
}

}  // namespace galvatron
