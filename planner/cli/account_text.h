// Where the step and the memory of a plan go, as people read it.
#pragma once

#include <string>

#include "planner/cli/terminal.h"
#include "planner/review/explain.h"

namespace galvatron {

// The line that heads a section, after an empty one.
std::string section_title(const std::string& text, const Terminal& terminal);

std::string percent(double share);  // "12.34 %"

// The parts of the busiest rank's step, longest first.
std::string time_text(const Explanation& explanation, const Terminal& terminal);

// The bytes of every stage by category, what is left, and which stage binds.
std::string memory_text(const Explanation& explanation, const Terminal& terminal);

}  // namespace galvatron
