// Where good prices come from: the search's linear program over the paths of a stage.
//
// The one thing of a proof that the search is asked for. A wrong answer weakens the proof and
// nothing more.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "planner/plan/proof.h"
#include "planner/review/priced_stage.h"
#include "planner/search/stage_model.h"

namespace galvatron {

struct PriceQuestion {
  search::StageShape shape{};
  StageRole role = StageRole::later;
  std::vector<int> types{};  // of the stage's layers, in order
  search::Size cap = 0;      // X, the largest transient
  StageTerms terms{};
};

class BestPrices {
 public:
  // The problem must outlive this.
  explicit BestPrices(const search::Problem& problem)
      : problem_(problem), tolls_(search::make_tolls(problem)) {}

  // The prices of the highest bound, in few digits; none where nothing fits.
  std::optional<StagePrice> of(const PriceQuestion& question);

 private:
  const search::StageModel& model(const PriceQuestion& question);

  const search::Problem& problem_;
  search::SharedTolls tolls_;
  struct Model {
    search::StageShape shape;
    StageRole role;
    bool is_capped;
    search::StageModel model;
  };
  std::vector<std::unique_ptr<Model>> models_;
};

}  // namespace galvatron
