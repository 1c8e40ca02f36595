// Quantities as people read them: three digits and a unit.
#pragma once

#include <string>

#include "cost_models/units.h"

namespace galvatron {

std::string bytes_text(Bytes size);      // "312 MiB", "1.42 GiB"
std::string seconds_text(Seconds time);  // "37.5 ms", "1.21 s"
std::string change_text(Seconds time);   // "+37.5 ms", "-1.21 s"
std::string step_text(Seconds time);     // "1.500 s": four digits, to tell steps of a column apart
std::string number3(double value);       // "130", "13.1", "1.31"

}  // namespace galvatron
