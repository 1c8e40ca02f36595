// Reading one config.json: aliases, refusals by name, warnings for what nobody knows.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "planner/files/error_list.h"
#include "planner/files/reader.h"

namespace galvatron {

using HfKeys = std::initializer_list<const char*>;

class HfConfigReader {
 public:
  // Document and errors must outlive the reader.
  HfConfigReader(const Document& document, ErrorList& errors);

  // T as in read_value; the default if the key is absent or null.
  template <typename T>
  T value(std::string_view key, T fallback, const Range& range = {}) {
    return map_.optional<T>(key, range).value_or(fallback);
  }

  // The same for a key with an alias, which may both stand there if they agree.
  template <typename T>
  T value(HfKeys spellings, T fallback, const Range& range = {}) {
    return value<T>(agreed_spelling(spellings), fallback, range);
  }

  // Whether the key stands there as null, for the few whose null is not the default.
  bool says_null(std::string_view key) const;

  // `key` computes, and only this value of it is supported (and is what its absence means).
  void require_value(const char* key, const char* supported);

  // These keys compute and are not supported; `why` ends the message.
  void refuse_keys(HfKeys keys, const char* why);

  void ignore_keys(HfKeys keys);

  void warn(std::string_view key, const std::string& message);

  MapReader& map() { return map_; }

  // Turns each key that nothing asked for into a warning, and returns all warnings.
  std::vector<Diagnostic> finish();

 private:
  std::string_view agreed_spelling(HfKeys spellings);

  const Document& document_;
  Node root_;  // without the keys that are null
  MapReader map_;
  ErrorList warnings_;
};

}  // namespace galvatron
