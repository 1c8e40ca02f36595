// How many micro-batches the published cost model lets a pipeline run.
#pragma once

#include "cost_models/published_setting.h"

namespace galvatron {

// m: a real number that follows from the layer's strategy, so that layers of one plan may differ.
// With b = B/d samples per data rank:
//   bert  1 in a pipeline of one stage; b/4 without data parallelism but with tensor parallelism;
//         else b/2 below 6 samples, b/8 + 2 from there on
//   vit   1 for b = 8, else 2
//   t5    1 for b = 2, else 3 in a pipeline of 8 stages and 2 in any other
//   swin  1 up to 8 samples, 2 below 32, 3 up to 96, else 4
double published_micro_batches(const Strategy& strategy, const PublishedSetting& setting);

}  // namespace galvatron
