// The time of one simulated rank, and its data stream that moves things meanwhile.
#pragma once

#include <deque>
#include <vector>

#include "cost_models/overlap.h"

namespace galvatron {

// Invariant: the data stream has been advanced to now().
class StageClock {
 public:
  Seconds now() const { return now_; }

  // Computes for as long as `work` takes alone, slowed down while the data stream moves something.
  void compute(Seconds work);

  // Waits; the data stream goes on at full speed. Nothing happens if `time` is past.
  void idle_until(Seconds time);

  // Puts a transfer at the end of the data stream; its number is the count of those before it.
  int enqueue(const Transmission& transmission);

  // Waits for a transfer of the data stream and all before it.
  void drain(int transfer);

  struct Span {
    Seconds begin{};
    Seconds end{};
  };
  // Requires that the transfer is over.
  Span span(int transfer) const { return finished_[static_cast<std::size_t>(transfer)]; }

 private:
  struct Transfer {
    Transmission remaining{};
    Seconds begin{};
  };

  void finish_head();

  Seconds now_{};
  std::deque<Transfer> queue_;
  std::vector<Span> finished_;
};

}  // namespace galvatron
