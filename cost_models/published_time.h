// Seconds of a layer and of a change of strategy under the published cost model.
#pragma once

#include "cost_models/published_setting.h"
#include "cost_models/units.h"

namespace galvatron {

// What the layer adds to a step: forward, backward, traffic and its share of the overhead, divided
// by the pipelining of m micro-batches.
//
//   f = forward_ms b / t, b = B/d     backward g = 2 f      C(x, v): x of compute beside v of
//   traffic v = 2(d-1)/d parameters / t x ring time of the data group w = 2(t-1)/t b tokens hidden
//   4 c bytes x ring time of the tensor group, c = 4 (decoder layer: 6) d = 1               f + g +
//   w t = 1, P = 1        f + C(g, v) + overhead t = 1, P > 1        f + P C(g/P, v/P) + overhead;
//   not sharded: what traffic is left over counts
//                       once, not P times
//   else                f + (1-a) g + C(a g, v) + w + overhead; a is the share of the backward pass
//                       that the traffic may run beside: 1 with P = 1 and t < d, 1/2 otherwise, for
//                       decoder layers 2/3 with P = 1
// With P > 1 the part f + g + w takes (P + m - 1)/(P m) of its time. ZeRO 3 adds v/2.
Seconds published_layer_time(const PublishedLayer& layer, const Strategy& strategy,
                             const PublishedSetting& setting);

// What a layer adds to a step, by what for; the parts add up to published_layer_time. Of a pipeline
// each device computes 1/P of the layers; the bubble is the rest of (P + m - 1)/(P m).
struct PublishedTimeParts {
  Seconds compute{};
  Seconds tensor{};
  Seconds data{};  // what traffic adds to the pass that it runs beside, and the gathers of ZeRO 3
  Seconds bubble{};
  Seconds overhead{};

  bool operator==(const PublishedTimeParts&) const = default;
};

PublishedTimeParts published_layer_parts(const PublishedLayer& layer, const Strategy& strategy,
                                         const PublishedSetting& setting);

// Between neighbours of one stage. Samples pass over the tensor group of the later layer if it is
// larger than the earlier one's, or as large and placed otherwise, or 2 after 4 and placed
// otherwise in a pipeline of one stage. Giving up ZeRO 3 and nothing else takes a constant.
Seconds published_transition_time(const Strategy& from, const Strategy& to,
                                  const PublishedSetting& setting);

}  // namespace galvatron
