using Microsoft.Playwright;
using Xunit;

namespace LexIntel.Progress.Testing.Browser;

/// <summary>
/// Pictures of a page as people see it: on a telephone and on a desk, light and dark. They lie in <c>artifacts/pictures</c>; with
/// <c>UPDATE_PICTURES=1</c> they replace those in <c>docs/images</c>, which a test run leaves alone.
/// </summary>
public static class Pictures
{
    private static readonly (int Width, int Height)[] Sizes = [(390, 844), (1280, 800)];

    /// <summary>Every text needs this contrast, large text and bars the lower one (WCAG 2.2, 1.4.3 and 1.4.11).</summary>
    private const string FindFaults = """
        (bars) => {
          const parse = (text) => {
            const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
            return [r, g, b, a];
          };
          const over = ([r, g, b, a], [r2, g2, b2]) => [r * a + r2 * (1 - a), g * a + g2 * (1 - a), b * a + b2 * (1 - a), 1];
          const light = ([r, g, b]) => {
            const [x, y, z] = [r, g, b].map((one) => (one /= 255) <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
            return 0.2126 * x + 0.7152 * y + 0.0722 * z;
          };
          const contrast = (a, b) => {
            const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
            return (high + 0.05) / (low + 0.05);
          };
          const ground = (element) => {
            const layers = [];
            for (let one = element; one; one = one.parentElement ?? one.getRootNode().host) {
              layers.push(parse(getComputedStyle(one).backgroundColor));
            }
            return layers.reverse().reduce((below, layer) => over(layer, below), matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18, 1] : [255, 255, 255, 1]);
          };
          const faults = [];
          const sideways = document.documentElement.scrollWidth - document.documentElement.clientWidth;
          if (sideways > 0) faults.push(`The page is ${sideways} px wider than its window.`);
          for (const element of document.body.querySelectorAll('*')) {
            const isText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
            const box = element.getBoundingClientRect();
            if (!isText || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || box.width <= 1 || element.closest('template, noscript')) continue;
            const style = getComputedStyle(element);
            const isLarge = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && style.fontWeight >= 700);
            const found = contrast(over(parse(style.color), ground(element)), ground(element));
            if (found < (isLarge ? 3 : 4.5)) faults.push(`'${element.textContent.trim()}' has a contrast of ${found.toFixed(2)}.`);
            if (box.left < 0 || box.right > innerWidth + 0.5) faults.push(`'${element.textContent.trim()}' is cut off.`);
          }
          const shown = [...document.querySelectorAll(bars)].filter((bar) => bar.checkVisibility());
          if (!shown.length) faults.push('There is no bar.');
          for (const bar of shown) {
            const inside = bar.shadowRoot;
            const track = inside ? inside.querySelector('.bar') : bar;
            const fill = parse(inside ? getComputedStyle(inside.querySelector('.fill')).backgroundColor : getComputedStyle(bar).color);
            const box = track.getBoundingClientRect();
            const found = contrast(over(fill, ground(track)), ground(track));
            if (box.width < 100 || box.height < 4) faults.push(`A bar is ${box.width} by ${box.height} px.`);
            if (found < 3) faults.push(`A bar has a contrast of ${found.toFixed(2)}.`);
          }
          return faults;
        }
        """;

    /// <summary>Takes the four pictures of a page, and asserts that on each of them everything can be seen.</summary>
    /// <param name="page">The page.</param>
    /// <param name="name">What the files are called, before size and scheme.</param>
    /// <param name="bars">A selector of the page's bars: <c>progress</c>, or the custom element.</param>
    public static async Task TakeAsync(IPage page, string name, string bars)
    {
        foreach (var (width, height) in Sizes)
        {
            await page.SetViewportSizeAsync(width, height);
            foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
            {
                await page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
                var file = $"{name}-{width}-{scheme.ToString().ToLowerInvariant()}.png";
                var picture = await page.ScreenshotAsync(new() { FullPage = true, Animations = ScreenshotAnimations.Disabled });
                Save(Path.Combine(Checkout.Root, "artifacts/pictures"), file, picture);
                if (Environment.GetEnvironmentVariable("UPDATE_PICTURES") == "1")
                    Save(Path.Combine(Checkout.Root, "docs/images"), file, picture);
                Assert.Equal([], (await page.EvaluateAsync<string[]>(FindFaults, bars)).Select(fault => $"{file}: {fault}"));
            }
        }
    }

    private static void Save(string folder, string file, byte[] picture)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, file), picture);
    }
}
