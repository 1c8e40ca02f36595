#include "executor/device/lanes.h"

#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

namespace galvatron {
namespace {

bool has_lane(const Op& op) {
  return op.stream == StreamName::data || op.stream == StreamName::pipeline;
}

}  // namespace

Lanes::Lanes(c10::Device device) : device_(device) {}

Started Lanes::start(const Op& op, const Work& work) {
  if (device_.is_cpu() || !has_lane(op)) {
    work();
    return {};
  }
  const c10::Stream lane = lane_of(op);
  c10::Event computed(device_.type());
  computed.record(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
  computed.block(lane);
  const c10::StreamGuard on_lane(lane);
  work();
  c10::Event done(device_.type());
  done.record(lane);
  return Started(std::move(done));
}

void Lanes::wait(const Started& started) {
  if (!started.done_) return;
  started.done_->block(c10::impl::VirtualGuardImpl(device_.type()).getStream(device_));
}

// Both directions of a pipeline may be under way at once, and each may have to wait for the other
// rank to come to it.
c10::Stream Lanes::lane_of(const Op& op) {
  const Name name(op.stream, op.stream == StreamName::pipeline ? op.direction : Direction::forward);
  const auto found = lanes_.find(name);
  if (found != lanes_.end()) return found->second;
  const c10::impl::VirtualGuardImpl streams(device_.type());
  return lanes_.emplace(name, streams.getStreamFromGlobalPool(device_, /*isHighPriority=*/true))
      .first->second;
}

}  // namespace galvatron
