// Hardware profiles as YAML, and single keys of them as `--set` names them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cost_models/hardware.h"
#include "planner/files/reader.h"
#include "planner/files/writer.h"

namespace galvatron {

// Throws SpecError with everything that is wrong or missing.
Hardware read_hardware(const std::string& path);

// Of a document that holds a profile under one of its keys; errors go to the reader's list.
Hardware read_hardware(MapReader& reader);

void write_hardware(YamlWriter& out, const Hardware& hardware);

// The profile with one key replaced, such as inter_node.gb_per_s_per_node; the origin of its
// section says so. Throws std::invalid_argument naming an unknown key, the nearest known one, or
// what the value must be.
Hardware set_hardware_key(Hardware hardware, std::string_view key, std::string_view value);

// Keys without which nothing can be priced on as many nodes and devices as the profile has: of a
// profile as read none, of one with more nodes perhaps the rate between them.
std::vector<std::string> missing_keys(const Hardware& hardware);

}  // namespace galvatron
