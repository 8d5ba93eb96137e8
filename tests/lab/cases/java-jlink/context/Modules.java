public class Modules {
    public static void main(String[] arguments) {
        System.out.println(ModuleLayer.boot().modules().size() == 1 ? "java.base only" : "more");
    }
}
