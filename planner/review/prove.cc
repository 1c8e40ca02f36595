#include "planner/review/prove.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "planner/plan/proof_yaml.h"
#include "planner/review/pair_bound.h"
#include "planner/review/searched_space.h"

namespace galvatron {
namespace {

using search::Time;

constexpr double kPicosecondsPerSecond = 1e12;
constexpr double kRounding = 1e-8;

class Prover {
 public:
  Prover(const Plan& plan, const std::vector<std::int64_t>& global_batches,
         const std::function<bool()>& stop)
      : plan_(plan), stop_(stop), space_(plan, global_batches) {
    proof_.bound = plan.certificate->lower_bound;
    proof_.searched = searched_parts(plan);
    proof_.global_batches = global_batches;
  }

  Proof run() {
    for (const SearchedPair& pair : space_.pairs()) prove_pair(pair);
    return std::move(proof_);
  }

 private:
  // First all problems of the pair at once, if there are several, then each for itself.
  void prove_pair(const SearchedPair& pair) {
    const Time target = bound_at(plan_.certificate->lower_bound, plan_, pair.global_batch);
    const std::optional<Instance> list = space_.list(pair);
    if (!list || memory_free_bound(list->problem) >= target) return;
    const std::vector<Instance> problems = space_.problems(pair, *list);
    if (problems.size() > 1) {
      const PairProof proof = find_proof(list->problem, target, stop_);
      if (proof.bound >= target) {
        record(pair, proof);
        return;
      }
    }
    for (std::size_t member = 0; member < problems.size(); ++member) {
      PairProof proof = proof_of(problems[member].problem, target);
      proof.member = static_cast<int>(member);
      record(pair, std::move(proof));
    }
  }

  PairProof proof_of(const search::Problem& problem, Time target) const {
    const Time bound = memory_free_bound(problem);
    if (bound >= target) return {.bound = target};
    PairProof proof = find_proof(problem, target, stop_);
    if (proof.bound < bound) proof = {.bound = bound};
    return proof;
  }

  // What needs no prices is left out: it proves itself.
  void record(const SearchedPair& pair, PairProof proof) {
    const Time target = bound_at(plan_.certificate->lower_bound, plan_, pair.global_batch);
    if (proof.bound < target) {
      proof_.bound = std::min(proof_.bound, bound_from(proof.bound, pair.global_batch, plan_));
    } else if (proof.stages.empty() && proof.cells.empty()) {
      return;
    }
    proof.global_batch = pair.global_batch;
    proof.pipeline = pair.choice.pipeline;
    proof.micro_batches = pair.choice.micro_batches;
    proof_.pairs.push_back(std::move(proof));
  }

  const Plan& plan_;
  const std::function<bool()>& stop_;
  SearchedSpace space_;
  Proof proof_;
};

double samples_of(std::int64_t global_batch) { return static_cast<double>(global_batch); }

}  // namespace

std::int64_t bound_at(Seconds bound, const Plan& plan, std::int64_t global_batch) {
  const double scaled =
      bound.value * (samples_of(global_batch) / samples_of(plan.job.global_batch));
  constexpr double kMost = 9e18;
  return static_cast<std::int64_t>(
      std::min(kMost, scaled * kPicosecondsPerSecond * (1 - kRounding)));
}

Seconds bound_from(std::int64_t picoseconds, std::int64_t global_batch, const Plan& plan) {
  return {static_cast<double>(picoseconds) / kPicosecondsPerSecond *
          (samples_of(plan.job.global_batch) / samples_of(global_batch))};
}

Proof prove(const Plan& plan, const std::vector<std::int64_t>& global_batches,
            const std::function<bool()>& stop) {
  return Prover(plan, global_batches, stop).run();
}

}  // namespace galvatron
