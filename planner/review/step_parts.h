// Where the seconds of one step go.
//
// They are those of one rank, from the beginning of the step to its end, the first rank of a stage,
// as the simulator runs its program: every moment belongs to what the rank does then, or to what it
// waits for. The parts therefore add up to the step (of doubles: within 1e-12 of it).
//
//   compute         kernels of forward and backward
//   recompute       what backward computes again; under full recomputation its tensor traffic too
//   tensor          traffic inside layers over the tensor group that nothing hides
//   redistribution  changes of layout between layers and at the ends of the stage
//   data            gathers and reductions over the data group that the rank waits for, and what
//                   computation takes longer beside those that it does not wait for
//   pipeline        waiting for a send or a receive while it is under way, and what computation
//                   takes longer beside a send
//   tied            the same for the sum of tied tables over the stages
//   optimizer       clipping and update
//   host            kernels that wait for the host to launch them; once per step the norm over all
//                   ranks and the host's own time
//   bubble          waiting for another stage to come: the pipeline fills and drains, stages are
//                   uneven, the slowest stage updates last
//
// Under the published cost model the step is no rank's: its formula adds up layers. Compute and
// tensor are 1/P of what all layers take, the bubble is the formula's, host is its overhead.
#pragma once

#include <string_view>

#include "cost_models/fields.h"
#include "cost_models/units.h"

namespace galvatron {

struct StepParts {
  Seconds compute{};
  Seconds recompute{};
  Seconds tensor{};
  Seconds redistribution{};
  Seconds data{};
  Seconds pipeline{};
  Seconds tied{};
  Seconds optimizer{};
  Seconds host{};
  Seconds bubble{};

  bool operator==(const StepParts&) const = default;
};

template <MaybeConst<StepParts> Object, typename Visit>
void for_each_field(Object& parts, Visit visit) {
  auto& [compute, recompute, tensor, redistribution, data, pipeline, tied, optimizer, host,
         bubble] = parts;
  visit("compute", compute);
  visit("recompute", recompute);
  visit("tensor", tensor);
  visit("redistribution", redistribution);
  visit("data", data);
  visit("pipeline", pipeline);
  visit("tied", tied);
  visit("optimizer", optimizer);
  visit("host", host);
  visit("bubble", bubble);
}

Seconds total(const StepParts& parts);

// The part that grew most from `before` to `after`.
struct PartIncrease {
  std::string_view name;
  Seconds increase{};  // not positive if none grew

  bool operator==(const PartIncrease&) const = default;
};
PartIncrease largest_increase(const StepParts& before, const StepParts& after);

}  // namespace galvatron
