// Typed reading of one map of a document. Errors are collected, reading goes on with a default.
//
//   const Document document = read_document(path, kRequestLimit);
//   ErrorList errors(document.source);
//   MapReader reader(document.root, errors);
//   job.global_batch = reader.required<std::int64_t>("global_batch", at_least(1));
//   reader.finish();
//   errors.throw_if_any();
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cost_models/named_values.h"
#include "planner/files/read_value.h"

namespace galvatron {

struct UnknownKey {
  const MapEntry* entry = nullptr;
  std::string hint;  // the nearest known key, may be empty
};

class MapReader {
 public:
  // `path` goes before each key in messages: "device." or empty. Node and errors must outlive it.
  MapReader(const Node& node, ErrorList& errors, std::string path = "");

  // T as in read_value. A missing or wrong value is an error and reads as T{}.
  template <typename T>
  T required(std::string_view key, const Range& range = {});

  // None if the key is absent. A key without a value is an error, not absent.
  template <typename T>
  std::optional<T> optional(std::string_view key, const Range& range = {});

  // One word of a table.
  template <typename T, std::size_t N>
  T required(std::string_view key, const NamedValues<T, N>& names);
  template <typename T, std::size_t N>
  std::optional<T> optional(std::string_view key, const NamedValues<T, N>& names);

  // One of `words`; empty after an error.
  std::string required_word(std::string_view key, const std::vector<std::string>& words);

  template <typename T>
  std::vector<T> required_list(std::string_view key, const Range& range = {});
  template <typename T>
  std::optional<std::vector<T>> optional_list(std::string_view key, const Range& range = {});

  // A reader of an inner map. Where a required one is missing, it reads defaults without errors.
  MapReader required_map(std::string_view key);
  std::optional<MapReader> optional_map(std::string_view key);

  // One reader per map of a list.
  std::vector<MapReader> required_maps(std::string_view key);
  std::vector<MapReader> optional_maps(std::string_view key);  // empty if the key is absent

  // Whether the key is there; its absence is an error.
  bool require(std::string_view key);

  // The value as it stands, for what none of the above reads; null if absent.
  const Node* value(std::string_view key);

  // An error at the value of `key` (at the map if it is absent): "PATH.KEY MESSAGE".
  void refuse(std::string_view key, std::string_view message);

  // The keys that nothing asked for; the hint is the nearest one that something did.
  std::vector<UnknownKey> unknown_keys() const;

  // Makes each unknown key an error.
  void finish() const;

  std::string name(std::string_view key) const { return path_ + std::string(key); }
  bool has_errors() const { return !errors_->empty(); }  // anywhere in the file
  bool readable() const { return node_ != nullptr; }     // false: stands in for a missing map

 private:
  MapReader(ErrorList& errors, std::string path) : errors_(&errors), path_(std::move(path)) {}

  const Node* required_value(std::string_view key);
  std::vector<MapReader> maps_of(const Node& list, std::string_view key);
  template <typename T>
  std::optional<std::vector<T>> list_of(const Node* list, std::string_view key, const Range& range);
  // The index of the node's text among `names`; none after an error.
  std::optional<std::size_t> word_of(const Node* node, std::string_view key,
                                     const std::vector<std::string>& names);
  template <typename T, std::size_t N>
  std::optional<T> name_of_table(const Node* node, std::string_view key,
                                 const NamedValues<T, N>& names);

  const Node* node_ = nullptr;
  ErrorList* errors_;
  std::string path_;
  std::vector<std::string> known_;
};

template <typename T, std::size_t N>
std::optional<T> MapReader::name_of_table(const Node* node, std::string_view key,
                                          const NamedValues<T, N>& names) {
  std::vector<std::string> texts;
  texts.reserve(N);
  for (const auto& entry : names) texts.emplace_back(entry.second);
  const std::optional<std::size_t> index = word_of(node, key, texts);
  return index ? std::optional<T>(names[*index].first) : std::nullopt;
}

template <typename T, std::size_t N>
T MapReader::required(std::string_view key, const NamedValues<T, N>& names) {
  return name_of_table(required_value(key), key, names).value_or(names.front().first);
}

template <typename T, std::size_t N>
std::optional<T> MapReader::optional(std::string_view key, const NamedValues<T, N>& names) {
  return name_of_table(value(key), key, names);
}

}  // namespace galvatron
