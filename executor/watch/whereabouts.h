// What a rank is doing now, written by its main thread and read by the one that watches it.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "cost_models/named_values.h"

namespace galvatron {

enum class Phase : std::uint32_t {
  starting,
  loading,
  forward,
  backward,
  reduce,
  update,
  save,
  ending
};

inline constexpr NamedValues<Phase, 8> kPhaseNames{{{Phase::starting, "starting"},
                                                    {Phase::loading, "loading"},
                                                    {Phase::forward, "forward"},
                                                    {Phase::backward, "backward"},
                                                    {Phase::reduce, "reduce"},
                                                    {Phase::update, "update"},
                                                    {Phase::save, "save"},
                                                    {Phase::ending, "ending"}}};

struct Place {
  Phase phase = Phase::starting;
  std::int64_t step = 0;       // from 1; 0 before the first
  std::uint64_t progress = 0;  // how often the rank has got somewhere

  bool operator==(const Place&) const = default;
};

// "step 3, backward"
std::string place_text(const Place& place);

class Whereabouts {
 public:
  void enter(Phase phase) {
    phase_.store(phase, std::memory_order_relaxed);
    progress_.fetch_add(1, std::memory_order_relaxed);
  }
  void begin_step(std::int64_t step) { step_.store(step, std::memory_order_relaxed); }

  Place now() const {
    return {.phase = phase_.load(std::memory_order_relaxed),
            .step = step_.load(std::memory_order_relaxed),
            .progress = progress_.load(std::memory_order_relaxed)};
  }

 private:
  std::atomic<Phase> phase_{Phase::starting};
  std::atomic<std::int64_t> step_{0};
  std::atomic<std::uint64_t> progress_{0};
};

}  // namespace galvatron
