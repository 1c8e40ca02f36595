// YAML and JSON as one small tree. Deliberately less than YAML: no anchors, aliases or tags, keys
// are words and stand once per map, one document per file, at most kDeepestNesting levels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "planner/files/source.h"

namespace galvatron {

inline constexpr int kDeepestNesting = 64;

struct MapEntry;

struct Node {
  enum class Kind { null, plain, quoted, sequence, map };

  Kind kind = Kind::null;
  std::size_t offset = 0;         // of the first byte in the source
  std::string text = {};          // plain and quoted scalars
  std::vector<Node> items = {};   // sequence
  std::vector<MapEntry> entries;  // map, in the order of the file; no = {}: incomplete here

  bool is_scalar() const { return kind == Kind::plain || kind == Kind::quoted; }
};

struct MapEntry {
  std::string key;
  std::size_t offset = 0;  // of the key
  Node value;
};

struct Document {
  Source source;
  Node root;
};

// All throw SpecError at the first thing that is not well formed: what follows it has no meaning.
Document parse_yaml(Source source);
Document parse_json(Source source);

// Reads a file as JSON if its name ends in ".json", else as YAML.
Document read_document(const std::string& path, std::int64_t limit);

// The value under `key` of a map, or null.
const Node* find(const Node& map, std::string_view key);

// What a message quotes of a file: cut to 40 bytes, whole characters.
std::string shortened(const std::string& text);

// "a list", "nothing", `"text"` or the scalar as written: the end of "..., got X".
std::string describe(const Node& node);

}  // namespace galvatron
