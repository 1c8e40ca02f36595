// When work on a device's streams began and ended: on a GPU by the device's own clock, because the
// calls that start work return long before.
#pragma once

#include <c10/core/Device.h>
#include <c10/core/Event.h>

#include <chrono>
#include <optional>
#include <variant>

#include "cost_models/units.h"

namespace galvatron {

class StreamClock {
 public:
  explicit StreamClock(c10::Device device) : device_(device) {}

  // A point in the current stream's work.
  using Moment = std::variant<std::chrono::steady_clock::time_point, c10::Event>;
  Moment now() const;

  // Times count from the first call.
  void start();
  // Waits until the moment has passed. Requires start().
  Seconds time_of(const Moment& moment) const;

 private:
  c10::Device device_;
  std::optional<Moment> origin_;
};

}  // namespace galvatron
