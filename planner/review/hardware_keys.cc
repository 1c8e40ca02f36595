#include "planner/review/hardware_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "planner/files/document.h"
#include "planner/plan/hardware_yaml.h"

namespace galvatron {
namespace {

using Path = std::vector<std::string>;

Node tree_of(const Hardware& hardware) {
  YamlWriter out;
  write_hardware(out, hardware);
  return parse_yaml(make_source("hardware", out.text())).root;
}

Hardware hardware_of(const Node& tree) {
  const Source source{.path = "hardware", .text = {}};
  ErrorList errors(source);
  MapReader reader(tree, errors);
  const Hardware hardware = read_hardware(reader);
  errors.throw_if_any();
  return hardware;
}

bool is_equal(const Node& one, const Node& other) {
  const auto same_entry = [](const MapEntry& a, const MapEntry& b) {
    return a.key == b.key && is_equal(a.value, b.value);
  };
  return one.kind == other.kind && one.text == other.text &&
         std::equal(one.items.begin(), one.items.end(), other.items.begin(), other.items.end(),
                    is_equal) &&
         std::equal(one.entries.begin(), one.entries.end(), other.entries.begin(),
                    other.entries.end(), same_entry);
}

std::string text_of(const Node* node) { return node == nullptr ? "" : node->text; }

void add_differences(std::vector<HardwareKey>& keys, const Path& path, const Node& before,
                     const Node& after);

void add_difference(std::vector<HardwareKey>& keys, const Path& path, const Node* before,
                    const Node* after) {
  if (path.back() == "name" || path.back() == "origin") return;
  const bool have_both = before != nullptr && after != nullptr;
  if (have_both && is_equal(*before, *after)) return;
  if (have_both && before->kind == Node::Kind::map && after->kind == Node::Kind::map) {
    add_differences(keys, path, *before, *after);
  } else {
    keys.push_back({.path = path, .before = text_of(before), .after = text_of(after)});
  }
}

void add_differences(std::vector<HardwareKey>& keys, const Path& path, const Node& before,
                     const Node& after) {
  const auto below = [&](const std::string& key) {
    Path longer = path;
    longer.push_back(key);
    return longer;
  };
  for (const MapEntry& entry : before.entries) {
    add_difference(keys, below(entry.key), &entry.value, find(after, entry.key));
  }
  for (const MapEntry& entry : after.entries) {
    if (find(before, entry.key) == nullptr) {
      add_difference(keys, below(entry.key), nullptr, &entry.value);
    }
  }
}

// Requires that all but the last key of the path lead to maps in both.
void copy_key(Node& to, const Node& from, Path::const_iterator key, Path::const_iterator last) {
  const auto entry = std::find_if(to.entries.begin(), to.entries.end(),
                                  [&](const MapEntry& known) { return known.key == *key; });
  const Node* value = find(from, *key);
  if (key != last) {
    copy_key(entry->value, *value, key + 1, last);
  } else if (value == nullptr) {
    to.entries.erase(entry);
  } else if (entry == to.entries.end()) {
    MapEntry added;
    added.key = *key;
    added.value = *value;
    to.entries.push_back(added);
  } else {
    entry->value = *value;
  }
}

}  // namespace

std::string dotted(const HardwareKey& key) { return fmt::format("{}", fmt::join(key.path, ".")); }

std::vector<HardwareKey> different_keys(const Hardware& before, const Hardware& after) {
  std::vector<HardwareKey> keys;
  add_differences(keys, {}, tree_of(before), tree_of(after));
  return keys;
}

Hardware with_key_of(const Hardware& hardware, const HardwareKey& key, const Hardware& other) {
  Node tree = tree_of(hardware);
  copy_key(tree, tree_of(other), key.path.begin(), key.path.end() - 1);
  return hardware_of(tree);
}

}  // namespace galvatron
