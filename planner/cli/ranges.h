// Several values of one option: ranges and lists.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cost_models/units.h"

namespace galvatron {

inline constexpr int kMostNodes = 1 << 20;

// All throw UsageError naming the option and what it must be.

// "16" or "8:248:8": every step from the first number up to the last.
std::vector<std::int64_t> parse_range(const std::string& name, const std::string& text);

// The same or a list, "1,2,4": rising, each number once.
std::vector<std::int64_t> parse_numbers(const std::string& name, const std::string& text);

// "16:80:8GiB" or "16GiB,1.5TiB" or one size: rising, each once. What has no unit has the last
// one's.
std::vector<Bytes> parse_sizes(const std::string& name, const std::string& text);

// The parts between separators; one more than there are separators.
std::vector<std::string> split_at(const std::string& text, char separator);

}  // namespace galvatron
