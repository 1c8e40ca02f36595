#include "planner/files/reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "cost_models/units.h"
#include "planner/files/nearest.h"

namespace galvatron {

MapReader::MapReader(const Node& node, ErrorList& errors, std::string path)
    : errors_(&errors), path_(std::move(path)) {
  if (node.kind == Node::Kind::map) {
    node_ = &node;
    return;
  }
  const std::string what = path_.empty() ? "the file" : path_.substr(0, path_.size() - 1);
  expected(node, what, "a map of keys to values", errors);
}

const Node* MapReader::value(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  return node_ == nullptr ? nullptr : find(*node_, key);
}

const Node* MapReader::required_value(std::string_view key) {
  const Node* found = value(key);
  if (found == nullptr && node_ != nullptr) {
    errors_->add(node_->offset, {"missing_key", fmt::format("the key `{}` is missing", name(key))});
  }
  return found;
}

bool MapReader::require(std::string_view key) { return required_value(key) != nullptr; }

template <typename T>
T MapReader::required(std::string_view key, const Range& range) {
  const Node* found = required_value(key);
  if (found == nullptr) return T{};
  return read_value<T>(*found, name(key), range, *errors_).value_or(T{});
}

template <typename T>
std::optional<T> MapReader::optional(std::string_view key, const Range& range) {
  const Node* found = value(key);
  if (found == nullptr) return std::nullopt;
  return read_value<T>(*found, name(key), range, *errors_);
}

template <typename T>
std::optional<std::vector<T>> MapReader::list_of(const Node* list, std::string_view key,
                                                 const Range& range) {
  if (list == nullptr) return std::nullopt;
  if (list->kind != Node::Kind::sequence) {
    expected(*list, name(key), "a list", *errors_);
    return std::nullopt;
  }
  std::vector<T> values;
  for (const Node& item : list->items) {
    const std::string item_name = fmt::format("{}[{}]", name(key), values.size());
    values.push_back(read_value<T>(item, item_name, range, *errors_).value_or(T{}));
  }
  return values;
}

template <typename T>
std::vector<T> MapReader::required_list(std::string_view key, const Range& range) {
  return list_of<T>(required_value(key), key, range).value_or(std::vector<T>{});
}

template <typename T>
std::optional<std::vector<T>> MapReader::optional_list(std::string_view key, const Range& range) {
  return list_of<T>(value(key), key, range);
}

MapReader MapReader::required_map(std::string_view key) {
  const Node* found = required_value(key);
  if (found == nullptr) return MapReader(*errors_, name(key) + ".");
  return MapReader(*found, *errors_, name(key) + ".");
}

std::optional<MapReader> MapReader::optional_map(std::string_view key) {
  const Node* found = value(key);
  if (found == nullptr) return std::nullopt;
  return MapReader(*found, *errors_, name(key) + ".");
}

std::vector<MapReader> MapReader::maps_of(const Node& list, std::string_view key) {
  std::vector<MapReader> readers;
  if (list.kind != Node::Kind::sequence) expected(list, name(key), "a list of maps", *errors_);
  for (const Node& item : list.items) {
    readers.emplace_back(item, *errors_, fmt::format("{}[{}].", name(key), readers.size()));
  }
  return readers;
}

std::vector<MapReader> MapReader::required_maps(std::string_view key) {
  const Node* found = required_value(key);
  return found == nullptr ? std::vector<MapReader>{} : maps_of(*found, key);
}

std::vector<MapReader> MapReader::optional_maps(std::string_view key) {
  const Node* found = value(key);
  return found == nullptr ? std::vector<MapReader>{} : maps_of(*found, key);
}

std::optional<std::size_t> MapReader::word_of(const Node* node, std::string_view key,
                                              const std::vector<std::string>& names) {
  if (node == nullptr) return std::nullopt;
  const auto match = std::find(names.begin(), names.end(), node->text);
  if (node->is_scalar() && match != names.end()) {
    return static_cast<std::size_t>(match - names.begin());
  }
  errors_->add(node->offset, {"invalid_value",
                              fmt::format("{} must be one of {}, got {}", name(key),
                                          fmt::join(names, ", "), describe(*node)),
                              suggestion(node->text, names)});
  return std::nullopt;
}

std::string MapReader::required_word(std::string_view key, const std::vector<std::string>& words) {
  const std::optional<std::size_t> index = word_of(required_value(key), key, words);
  return index ? words[*index] : "";
}

void MapReader::refuse(std::string_view key, std::string_view message) {
  if (node_ == nullptr) return;
  const Node* found = value(key);
  const std::size_t offset = found == nullptr ? node_->offset : found->offset;
  errors_->add(offset, {"invalid_value", fmt::format("{} {}", name(key), message)});
}

std::vector<UnknownKey> MapReader::unknown_keys() const {
  std::vector<UnknownKey> unknown;
  if (node_ == nullptr) return unknown;
  for (const MapEntry& entry : node_->entries) {
    if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
    // A file of nothing but unknown keys must not cost a search for each.
    const bool worth_a_hint = unknown.size() < ErrorList::kMostDiagnostics;
    unknown.push_back({&entry, worth_a_hint ? suggestion(entry.key, known_) : ""});
  }
  return unknown;
}

void MapReader::finish() const {
  for (const UnknownKey& unknown : unknown_keys()) {
    const std::string key = name(shortened(unknown.entry->key));
    errors_->add(unknown.entry->offset,
                 {"unknown_key", fmt::format("unknown key `{}`", key), unknown.hint});
  }
}

#define GALVATRON_READS(T)                                                          \
  template T MapReader::required(std::string_view, const Range&);                   \
  template std::optional<T> MapReader::optional(std::string_view, const Range&);    \
  template std::vector<T> MapReader::required_list(std::string_view, const Range&); \
  template std::optional<std::vector<T>> MapReader::optional_list(std::string_view, const Range&)
GALVATRON_READS(int);
GALVATRON_READS(std::int64_t);
GALVATRON_READS(double);
GALVATRON_READS(std::string);
GALVATRON_READS(Bytes);
GALVATRON_READS(Seconds);
template bool MapReader::required(std::string_view, const Range&);
template std::optional<bool> MapReader::optional(std::string_view, const Range&);
#undef GALVATRON_READS

}  // namespace galvatron
