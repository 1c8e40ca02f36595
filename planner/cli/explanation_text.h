// An explanation as people read it: a document of five tables, each under a sentence that says what
// it holds.
#pragma once

#include <string>

#include "planner/cli/terminal.h"
#include "planner/review/explain.h"

namespace galvatron {

std::string explanation_text(const Explanation& explanation, const Terminal& terminal);

}  // namespace galvatron
