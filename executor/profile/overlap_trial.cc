#include "executor/profile/overlap_trial.h"

#include <ATen/ops/mm.h>
#include <ATen/ops/rand.h>

#include <algorithm>
#include <cmath>

#include "executor/device/device.h"
#include "executor/profile/shared_text.h"

namespace galvatron {
namespace {

constexpr std::int64_t kWidth = 256;  // of the products
constexpr int kRepetitions = 9;

class OverlapTrial {
 public:
  OverlapTrial(const CollectiveTrial& trial, Bytes payload)
      : trial_(trial),
        collective_(collective_call(trial, payload)),
        matrix_(at::rand({kWidth, kWidth}, at::TensorOptions(at::kFloat).device(trial.device))) {}

  Overlap run() {
    const Seconds traffic = time(true, 0);
    const Seconds product = time(false, kProducts) / kProducts;
    const int half = std::max(1, static_cast<int>(std::lround(traffic / product / 2)));
    const Seconds few = time(false, half);
    const Seconds many = time(false, 4 * half);
    return slowdowns_of((time(true, 4 * half) - many) / traffic,
                        (time(true, half) - traffic) / few);
  }

 private:
  static constexpr int kProducts = 8;

  // The median over repetitions of the slowest rank.
  Seconds time(bool with_traffic, int products) {
    std::vector<double> own;
    for (int i = 0; i < kRepetitions; ++i) {
      trial_.world.barrier();
      const Seconds begin = now();
      if (with_traffic) collective_();
      for (int product = 0; product < products; ++product) at::mm(matrix_, matrix_);
      synchronize(trial_.device);
      own.push_back((now() - begin).value);
    }
    std::vector<Seconds> times;
    for (const double one : largest(trial_.world, own, trial_.device)) times.push_back({one});
    return timing_of(std::move(times)).median;
  }

  const CollectiveTrial& trial_;
  std::function<void()> collective_;
  at::Tensor matrix_;
};

}  // namespace

Overlap measured_overlap(const CollectiveTrial& trial, Bytes payload) {
  return OverlapTrial(trial, payload).run();
}

}  // namespace galvatron
