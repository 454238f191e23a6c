# Makes intervals.json: Rscript intervals.R <input folder> <output folder>  (R 4.2.2, survey 4.1-1 with its data(api); MASS for `likelihood`)
# Part 1: svyciprop by its own methods. Part 2: intervals that survey 4.1-1 lacks, from base R by other roads than ours.
suppressPackageStartupMessages(library(survey))
RNGversion("3.6.0")
out <- commandArgs(TRUE)[2]
lines <- character(0)
figure <- function(x) ifelse(is.infinite(x), "null", sprintf("%.17g", x))
add <- function(method, from, ...) {
  told <- list(...)
  if (anyNA(unlist(told))) return(invisible())
  pairs <- sprintf('"%s": %s', names(told), vapply(told, figure, ""))
  lines[[length(lines) + 1]] <<- sprintf('{"method": "%s", "from": "%s", %s}', method, from, paste(pairs, collapse = ", "))
}

# ---- part 1 -----------------------------------------------------------------------------------------------------------------
told <- c("mean", "xlogit", "logit", "asin", "beta", "likelihood")
one <- function(from, design, level) {
  m <- svymean(~y, design)
  p <- as.numeric(coef(m)); v <- as.numeric(vcov(m)); df <- degf(design)
  if (p * (1 - p) * v == 0 || df < 1) return(invisible())
  for (method in told) {
    ci <- tryCatch(attr(svyciprop(~y, design, method = method, level = level), "ci"), error = function(e) c(NA, NA))
    angle <- asin(sqrt(p)) + c(-1, 1) * qt((1 + level) / 2, df) * sqrt(v / (p * (1 - p))) / 2
    if (method == "asin" && (angle[1] < 0 || angle[2] > pi / 2)) next  # R folds the angle back
    add(method, from, p = p, variance = v, nrow = nrow(design), df = df, alpha = 1 - level, low = ci[[1]], high = ci[[2]])
  }
}
data(api)
designs <- list(
  strat = svydesign(ids = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc),
  clus1 = svydesign(ids = ~dnum, weights = ~pw, data = apiclus1, fpc = ~fpc),
  clus2 = svydesign(ids = ~dnum + snum, fpc = ~fpc1 + fpc2, data = apiclus2)
)
shares <- expression(sch.wide == "Yes", comp.imp == "Yes", awards == "Yes", api00 > 600, api00 > 700, meals < 50, ell > 20, stype == "E")
for (name in names(designs)) for (k in seq_along(shares)) for (level in c(0.95, 0.9)) {
  design <- designs[[name]]
  design$variables$y <- as.numeric(eval(shares[[k]], design$variables))
  one(paste(name, k), design, level)
}
set.seed(20261122)
rows <- data.frame(cluster = rep(1:120, each = 7), domain = sample(1:10, 840, TRUE))
rows$stratum <- (rows$cluster - 1) %/% 20
rows$weight <- exp(rnorm(840, 0, 0.5))
habit <- rnorm(120, 0, 0.7)[rows$cluster]
made <- svydesign(ids = ~cluster, strata = ~stratum, weights = ~weight, data = rows)
for (centre in c(0.5, 1.8, 2.8)) {
  made <- update(made, y = as.numeric(runif(840) < plogis(centre + habit)))
  for (d in 1:10) one(paste("made", d), subset(made, domain == d), 0.95)
}
answers <- update(made, y = pmin(5, pmax(1, round(4.1 + habit + rnorm(840)))))
for (d in 1:10) for (level in c(0.95, 0.99, 0.8)) {
  design <- subset(answers, domain == d)
  m <- svymean(~y, design)
  ci <- confint(m, df = degf(design), level = level)
  add("t", paste("made", d), p = coef(m)[[1]], variance = vcov(m)[[1]], nrow = nrow(design), df = degf(design), alpha = 1 - level, low = ci[[1]], high = ci[[2]])
}

# ---- part 2 -----------------------------------------------------------------------------------------------------------------
score <- function(p, size, t) sort(Re(polyroot(c(p^2, -(2 * p + t^2 / size), 1 + t^2 / size))))  # (p - x)^2 = t^2 x(1 - x)/size
coull <- function(p, size, t) {  # the middle of Wilson's limits, and size + t^2 answers there
  centre <- mean(score(p, size, t))
  centre + c(-1, 1) * t * sqrt(centre * (1 - centre) / (size + t^2))
}
ratio_root <- function(p, size, t, nrow) {
  far <- function(x) 2 * size * (nrow - 1) / nrow * (p * log(p / x) + (1 - p) * log((1 - p) / (1 - x))) - t^2
  c(uniroot(far, c(1e-12, p), tol = 1e-15)$root, uniroot(far, c(p, 1 - 1e-12), tol = 1e-15)$root)
}
kg <- function(q, alpha) {  # the page's pseudo-code, one share at a time
  f <- if (is.infinite(q$people)) 0 else q$n / q$people
  rarer <- min(q$yes, q$n - q$yes)
  size <- if (rarer > 0 && q$v > 0) q$p * (1 - q$p) / q$v else Inf
  few <- rarer < 20
  cap <- if (few) q$n else q$n / (1 - f)
  g <- if (few) min(size, q$kish / q$pool) else min(size, cap)
  star <- min(g * (if (q$df < 1) 1 else (qt(alpha / 2, q$n - 1) / qt(alpha / 2, q$df))^2), cap)
  beta <- function(star) c(if (q$yes == 0) 0 else qbeta(alpha / 2, star * q$p, star * (1 - q$p) + 1),
                           if (q$yes == q$n) 1 else qbeta(1 - alpha / 2, star * q$p + 1, star * (1 - q$p)))
  cut <- function(ci) c(max(ci[1], q$yes / q$people), min(ci[2], 1 - (q$n - q$yes) / q$people))
  t <- qt(1 - alpha / 2, q$df)
  list(star = star, ci = cut(beta(star)), wilson = cut(score(q$p, g, t)))
}
both <- function(method, from, q, ci, alpha, ...) {
  add(method, from, p = q$p, variance = q$v, n = q$n, yes = q$yes, kish = q$kish, nrow = q$n, df = q$df, people = q$people,
      pool = q$pool, alpha = alpha, low = ci[[1]], high = ci[[2]], ...)
}
for (k in 1:60) {
  n <- sample(12:900, 1)
  yes <- rbinom(1, n, runif(1, 0.7, 0.995))
  if (k > 54) yes <- c(0, n)[k %% 2 + 1]
  p <- if (yes %in% c(0, n)) yes / n else min(max(yes / n + rnorm(1, 0, 0.01), 0.02), 0.995)
  people <- if (k %% 3 == 0) ceiling(n * runif(1, 1.1, 4)) else Inf
  q <- list(n = n, yes = yes, p = p, v = p * (1 - p) / n * runif(1, 0.4, 3), kish = n / runif(1, 1, 2), df = sample(2:(n - 1), 1), people = people, pool = runif(1, 1, 2.5))
  alpha <- c(0.05, 0.1, 0.01)[k %% 3 + 1]
  found <- kg(q, alpha)
  target <- runif(1, 0.75, 0.97)
  both("kg20", "page", q, found$ci, alpha, star = found$star, target = target,
       above = if (q$yes == 0) 1 else pbeta(target, found$star * p, found$star * (1 - p) + 1),
       below = if (q$yes == n) 1 else pbeta(target, found$star * p + 1, found$star * (1 - p), lower.tail = FALSE))
  both("wilson20", "page", q, found$wilson, alpha)
  if (yes %in% c(0, n)) next
  size <- p * (1 - p) / q$v; t <- qt(1 - alpha / 2, q$df); prime <- size * (qt(alpha / 2, n - 1) / qt(alpha / 2, q$df))^2
  both("wilson", "polyroot", q, score(p, size, t), alpha)
  both("agresti_coull", "polyroot", q, coull(p, size, t), alpha)
  both("jeffreys", "qbeta", q, qbeta(c(alpha / 2, 1 - alpha / 2), prime * p + 0.5, prime * (1 - p) + 0.5), alpha)
  both("likelihood", "uniroot", q, ratio_root(p, size, t, n), alpha)
  simple <- modifyList(q, list(p = yes / n, v = yes * (n - yes) / n^3, df = Inf))
  both("wilson", "prop.test", simple, prop.test(yes, n, conf.level = 1 - alpha, correct = FALSE)$conf.int, alpha)
}
writeLines(c("[", paste0(lines, c(rep(",", length(lines) - 1), "")), "]"), file.path(out, "intervals.json"))
