// The streams of a rank's device: one that computes, and one per axis and direction that
// communicates beside it.
//
// Work on a lane begins behind everything that the compute stream was given before, so that it may
// read what was computed and write over what is no longer needed; the compute stream goes on and
// meets it again at wait(). Between the two, the tensors that the work uses must stay alive: memory
// that was freed is given to the next who asks on the stream it came from.
//
// A CPU has no streams: work is done when start() returns.
#pragma once

#include <c10/core/Event.h>
#include <c10/core/Stream.h>

#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "planner/schedule/program.h"

namespace galvatron {

// Something that was started on a lane.
class Started {
 public:
  Started() = default;  // nothing: there is nothing to wait for

 private:
  friend class Lanes;
  explicit Started(c10::Event done) : done_(std::move(done)) {}

  std::optional<c10::Event> done_;
};

class Lanes {
 public:
  explicit Lanes(c10::Device device);

  using Work = std::function<void()>;
  // Runs `work`, whose calls go to the lane of the operation. For operations of the compute stream
  // it is the compute stream itself.
  [[nodiscard]] Started start(const Op& op, const Work& work);
  // The compute stream goes on when that is done. The caller does not wait.
  void wait(const Started& started);

 private:
  using Name = std::pair<StreamName, Direction>;
  c10::Stream lane_of(const Op& op);

  c10::Device device_;
  std::map<Name, c10::Stream> lanes_;
};

}  // namespace galvatron
