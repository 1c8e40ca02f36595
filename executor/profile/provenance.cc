#include "executor/profile/provenance.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace galvatron {

std::string measured_by(const std::string& command) {
  return fmt::format("measured: {}, {:%Y-%m-%d}", command, fmt::gmtime(std::time(nullptr)));
}

}  // namespace galvatron
