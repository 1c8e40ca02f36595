// From measured matrix products to the law that prices them.
#pragma once

#include "cost_models/device.h"

namespace galvatron {

struct ProductFit {
  FlopsPerSecond peak{};
  ProductLaw law{};
  double error = 0;  // mean of |law / measured - 1|
};

// Least squares of the relative error over the constants of
//
//   time = 2mnk / (peak k/(k + half_depth) min(m,n)/(min(m,n) + half_width)) + launch
//
// all of them positive, by Levenberg-Marquardt in their logarithms. `peak` is what the device
// reaches, so that the law's ceiling is 1; waves are not fitted. Memory traffic is not in it: the
// products should be large enough to compute longer than they load.
// Requires at least four products, all times positive.
// Source: Marquardt, J. SIAM 11(2), 1963.
ProductFit fit_products(const ProductTable& measured);

}  // namespace galvatron
