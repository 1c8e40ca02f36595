#include "cost_models/published_setting.h"

namespace galvatron {

std::vector<Strategy> published_strategies(int devices) {
  std::vector<Strategy> strategies;
  for (int tensor = 1; tensor <= devices; tensor *= 2) {
    const int data = devices / tensor;
    for (const Order order : {Order::tensor_inner, Order::data_inner}) {
      if (order == Order::data_inner && (tensor == 1 || data == 1)) continue;
      for (const Zero zero : {Zero::none, Zero::parameters}) {
        if (zero == Zero::parameters && data == 1) continue;
        strategies.push_back({.tensor = tensor, .data = data, .order = order, .zero = zero});
      }
    }
  }
  return strategies;
}

}  // namespace galvatron
