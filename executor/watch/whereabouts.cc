#include "executor/watch/whereabouts.h"

#include <fmt/format.h>

namespace galvatron {

std::string place_text(const Place& place) {
  const std::string_view phase = name_of(kPhaseNames, place.phase);
  return place.step > 0 ? fmt::format("step {}, {}", place.step, phase) : std::string(phase);
}

}  // namespace galvatron
