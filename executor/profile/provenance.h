// Where measured numbers come from, as it stands beside them.
#pragma once

#include <string>

namespace galvatron {

// "measured: COMMAND, 2024-03-01" (today's date, UTC).
std::string measured_by(const std::string& command);

}  // namespace galvatron
