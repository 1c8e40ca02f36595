#include "cost_models/product_fit.h"

#include "cost_models/compute.h"
#include "test/catch.h"

namespace galvatron {
namespace {

constexpr std::int64_t kSizes[] = {64, 256, 1024};

Device device() {
  Device device{.memory_rate = {1e15}};  // never what a product waits for
  device.peak[Precision::fp32] = FlopsPerSecond{4e10};
  device.product[Precision::fp32] =
      ProductLaw{.ceiling = 1, .half_depth = 24, .half_width = 7, .launch = {5e-6}};
  return device;
}

ProductTable products_of(const Device& device, double noise) {
  ProductTable table;
  double sign = 1;
  for (const std::int64_t m : kSizes) {
    for (const std::int64_t n : kSizes) {
      for (const std::int64_t k : kSizes) {
        table.m.push_back(m);
        table.n.push_back(n);
        table.k.push_back(k);
        const Seconds time =
            product_time({.m = m, .n = n, .k = k}, device, Precision::fp32) * (1 + noise * sign);
        append(table.time, {time, time, time, 3});
        sign = -sign;
      }
    }
  }
  return table;
}

TEST_CASE("products that follow the law give its constants back") {
  const ProductFit fit = fit_products(products_of(device(), 0));
  CHECK(fit.peak.value == Approx(4e10).epsilon(1e-3));
  CHECK(fit.law.half_depth == Approx(24).epsilon(1e-2));
  CHECK(fit.law.half_width == Approx(7).epsilon(1e-2));
  CHECK(fit.law.launch.value == Approx(5e-6).epsilon(1e-2));
  CHECK(fit.error < 1e-3);
}

TEST_CASE("a fit of noisy products says how far it is off") {
  const ProductFit fit = fit_products(products_of(device(), 0.1));
  CHECK(fit.error == Approx(0.1).epsilon(0.2));
  CHECK(fit.peak.value == Approx(4e10).epsilon(0.1));
}

}  // namespace
}  // namespace galvatron
