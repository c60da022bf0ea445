package localelastic;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.lucene.analysis.email.UAX29URLEmailTokenizer;
import org.apache.lucene.analysis.miscellaneous.RemoveDuplicatesTokenFilter;
import org.apache.lucene.analysis.pattern.PatternCaptureGroupTokenFilter;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/** What the index of users and keys analyzes e-mail addresses with; nobody searches for them in tests. */
public final class SecuredPlugin extends Plugin implements AnalysisPlugin {
    /** A system index sets it for each of its components. */
    private static final String VERSION = "index.version.created";

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        return Components.providers(List.of(
            new TokenFilterComponent(
                "pattern_capture", TokenFilterComponent.Kind.SPLITTING, input -> input,
                Set.of("patterns", "preserve_original", VERSION),
                (index, settings) -> {
                    Pattern[] patterns =
                        settings.getAsList("patterns").stream().map(Pattern::compile).toArray(Pattern[]::new);
                    boolean original = settings.getAsBoolean("preserve_original", true);
                    return input -> new PatternCaptureGroupTokenFilter(input, original, patterns);
                }),
            new TokenFilterComponent(
                "unique", TokenFilterComponent.Kind.SHORTENING, RemoveDuplicatesTokenFilter::new, Set.of(VERSION),
                (index, settings) -> RemoveDuplicatesTokenFilter::new)));
    }

    @Override
    public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        return Components.providers(List.of(
            new TokenizerComponent(
                "uax_url_email", UAX29URLEmailTokenizer::new, Set.of(VERSION), (index, settings) -> UAX29URLEmailTokenizer::new)));
    }

    @Override
    public List<org.elasticsearch.index.analysis.PreConfiguredTokenizer> getPreConfiguredTokenizers() {
        return List.of(new TokenizerComponent(
            "uax_url_email", UAX29URLEmailTokenizer::new, Set.of(VERSION), (index, settings) -> UAX29URLEmailTokenizer::new)
            .preconfigured());
    }

    @Override
    public List<org.elasticsearch.index.analysis.PreConfiguredTokenFilter> getPreConfiguredTokenFilters() {
        return List.of(new TokenFilterComponent(
            "unique", TokenFilterComponent.Kind.SHORTENING, RemoveDuplicatesTokenFilter::new, Set.of(VERSION),
            (index, settings) -> RemoveDuplicatesTokenFilter::new)
            .preconfigured());
    }
}
