// The keys by which two hardware profiles differ, and exchanging them one at a time.
#pragma once

#include <string>
#include <vector>

#include "cost_models/hardware.h"

namespace galvatron {

// One key as the profile's YAML names it. What one side does not have is empty there; so are the
// values of whole sections and lists.
struct HardwareKey {
  std::vector<std::string> path;  // inter_node, gb_per_s_per_node
  std::string before;
  std::string after;

  bool operator==(const HardwareKey&) const = default;
};

// "inter_node.gb_per_s_per_node"
std::string dotted(const HardwareKey& key);

// In the order of the file, keys of `before` first. Names and origins are left out: nothing is
// computed from them. A section that one side lacks, and any list, is one key.
std::vector<HardwareKey> different_keys(const Hardware& before, const Hardware& after);

// `hardware` with this key, and what stands below it, as `other` has it.
Hardware with_key_of(const Hardware& hardware, const HardwareKey& key, const Hardware& other);

}  // namespace galvatron
