#include "executor/device/stream_clock.h"

#include <c10/core/impl/VirtualGuardImpl.h>

namespace galvatron {

StreamClock::Moment StreamClock::now() const {
  if (device_.is_cpu()) return std::chrono::steady_clock::now();
  c10::Event event(device_.type(), c10::EventFlag::BACKEND_DEFAULT);  // which keeps the time
  event.record(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
  return event;
}

void StreamClock::start() {
  if (!origin_) origin_ = now();
}

Seconds StreamClock::time_of(const Moment& moment) const {
  if (const auto* const time = std::get_if<std::chrono::steady_clock::time_point>(&moment)) {
    const std::chrono::duration<double> passed =
        *time - std::get<std::chrono::steady_clock::time_point>(*origin_);
    return {passed.count()};
  }
  const auto& event = std::get<c10::Event>(moment);
  event.synchronize();
  return {std::get<c10::Event>(*origin_).elapsedTime(event) * 1e-3};
}

}  // namespace galvatron
