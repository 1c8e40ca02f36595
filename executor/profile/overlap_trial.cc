#include "executor/profile/overlap_trial.h"

#include <ATen/ops/mm.h>
#include <ATen/ops/rand.h>

#include <algorithm>
#include <cmath>

#include "cost_models/timing_of.h"
#include "executor/device/lanes.h"
#include "executor/profile/device_work.h"
#include "executor/profile/shared_text.h"
#include "executor/profile/trial_sizes.h"

namespace galvatron {
namespace {

constexpr int kRepetitions = 9;

Op lane_of(CollectiveKind kind) {
  return {.part = Part::start,
          .stream = kind == CollectiveKind::send ? StreamName::pipeline : StreamName::data};
}

class OverlapTrial {
 public:
  OverlapTrial(const CollectiveTrial& trial, const TrialSizes& sizes, Precision products)
      : trial_(trial),
        lanes_(trial.device),
        collective_(collective_call(trial, sizes.overlap_payload)),
        matrix_(at::rand({sizes.overlap_width, sizes.overlap_width},
                         at::TensorOptions(at::kFloat).device(trial.device))
                    .to(tensor_type(products))) {}

  Slowdowns run() {
    const Seconds traffic = time(With::traffic, 0);
    const Seconds product = time(With::products, kProducts) / kProducts;
    const int half = std::max(1, static_cast<int>(std::lround(traffic / product / 2)));
    const Seconds few = time(With::products, half);
    const Seconds many = time(With::products, 4 * half);
    return slowdowns_of((time(With::traffic, 4 * half) - many) / traffic,
                        (time(With::traffic, half) - traffic) / few);
  }

 private:
  static constexpr int kProducts = 8;
  enum class With { products, traffic };  // traffic: beside as many products

  // The median over repetitions of the slowest rank.
  Seconds time(With with, int products) {
    run_once(with, products);
    std::vector<double> own;
    for (int i = 0; i < kRepetitions; ++i) own.push_back(run_once(with, products).value);
    std::vector<Seconds> times;
    for (const double one : largest(trial_.world, own, trial_.device)) times.push_back({one});
    return timing_of(std::move(times)).median;
  }

  Seconds run_once(With with, int products) {
    synchronize(trial_.device);
    trial_.world.barrier();
    const Seconds begin = now();
    Request request;
    Started started;
    if (with == With::traffic)
      started = lanes_.start(lane_of(trial_.kind), [&] { request = collective_(); });
    for (int product = 0; product < products; ++product) at::mm(matrix_, matrix_);
    lanes_.wait(started);
    request.wait();
    synchronize(trial_.device);
    return now() - begin;
  }

  const CollectiveTrial& trial_;
  Lanes lanes_;
  std::function<Request()> collective_;
  at::Tensor matrix_;
};

}  // namespace

Slowdowns measured_overlap(const CollectiveTrial& trial, Precision products) {
  return OverlapTrial(trial, trial_sizes(kind_of(trial.device)), products).run();
}

}  // namespace galvatron
