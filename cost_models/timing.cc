#include "cost_models/timing.h"

#include <algorithm>

namespace galvatron {

bool covers(const TimingCurve& curve, std::size_t sizes) {
  return curve.median.size() == sizes && curve.minimum.size() == sizes &&
         curve.p95.size() == sizes && curve.repetitions.size() == sizes &&
         std::all_of(curve.median.begin(), curve.median.end(),
                     [](Seconds time) { return time.value > 0; });
}

}  // namespace galvatron
