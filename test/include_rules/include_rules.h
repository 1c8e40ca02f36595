// The arrows between folders, and a check that no #include points against them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace galvatron {

// All violations in .h, .cc and .cu files of the source tree `root`, as `file:line: message`,
// sorted. A test obeys the rules of the folder it mirrors and may include test/ besides.
std::vector<std::string> include_violations(const std::filesystem::path& root);

}  // namespace galvatron
