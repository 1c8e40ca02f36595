// The text of the SpecError that an action throws.
#pragma once

#include <string>

#include "planner/files/spec_error.h"

namespace galvatron {

// "no error" if nothing was thrown, so that a comparison fails with a readable text.
template <typename Action>
std::string error_text(Action action) {
  try {
    action();
  } catch (const SpecError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace galvatron
